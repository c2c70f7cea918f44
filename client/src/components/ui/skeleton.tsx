/** A quiet tile in the place of something that is still to come. */
export function Skeleton({ className }: { className: string }) {
  return <span aria-hidden className={`block rounded-sm bg-line ${className}`} />
}
