/** What stands in the place of something that there is not. */
import { Link } from 'react-router'

interface Props {
  heading: string
  detail: string | undefined
  /** A page that there is. */
  to: string
  back: string
}

export function Missing({ heading, detail, to, back }: Props) {
  return (
    <section className="grid justify-items-center gap-3 py-16 text-center">
      <h1 className="text-lg font-semibold">{heading}</h1>
      {detail !== heading && <p className="max-w-prose text-balance text-ink-muted">{detail}</p>}
      <Link to={to} className="font-medium text-accent underline-offset-4 hover:underline">
        {back}
      </Link>
    </section>
  )
}
