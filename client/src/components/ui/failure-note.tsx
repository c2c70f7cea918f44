/** What went wrong, and how. */
interface Props {
  title: string
  detail: string | undefined
}

export function FailureNote({ title, detail }: Props) {
  return (
    <div className="rounded-md bg-bad-soft px-4 py-3">
      <p className="font-semibold text-bad">{title}</p>
      {detail !== title && <p className="wrap-anywhere">{detail}</p>}
    </div>
  )
}
