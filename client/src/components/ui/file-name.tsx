/** A file name on one line; a long one loses its middle, because its end tells most files apart. */
const TAIL = 10

export function FileName({ name }: { name: string }) {
  const letters = Array.from(name)
  return (
    <span title={name} className="flex min-w-0 overflow-hidden">
      <span className="min-w-0 truncate whitespace-pre">{letters.slice(0, -TAIL).join('')}</span>
      <span className="shrink-0 whitespace-pre">{letters.slice(-TAIL).join('')}</span>
    </span>
  )
}
