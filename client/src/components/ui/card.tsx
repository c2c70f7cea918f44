/** A part of a page with a heading of its own. */
import { type ReactNode, useId } from 'react'

interface Props {
  heading: string
  /** At the other end of the heading's line. */
  aside?: ReactNode
  className?: string
  children: ReactNode
}

export function Card({ heading, aside, className = '', children }: Props) {
  const id = useId()
  return (
    <section
      aria-labelledby={id}
      className={`min-w-0 rounded-lg border border-line bg-surface p-4 ${className}`}
    >
      <div className="mb-3 flex min-h-5 items-baseline justify-between gap-4">
        <h2 id={id} className="font-semibold">
          {heading}
        </h2>
        {aside}
      </div>
      {children}
    </section>
  )
}
