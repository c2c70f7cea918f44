/** One figure of a machine with its name, as an entry of a `<dl>`. */
import type { ReactNode } from 'react'
import { Skeleton } from '../ui/skeleton.tsx'

interface Props {
  name: string
  /** What exactly it is, for hover. */
  hint?: string | undefined
  /** Undefined until it is known. */
  children: ReactNode
  /** What belongs to it, smaller. */
  more?: ReactNode
}

export function Fact({ name, hint, children, more }: Props) {
  return (
    <div title={hint} className="min-w-0">
      <dt className="truncate text-xs text-ink-muted">{name}</dt>
      <dd className="min-h-5 font-medium">
        {children === undefined ? <Skeleton className="mt-1 h-3 w-16" /> : children}
        {more !== undefined && <span className="block text-xs font-normal text-ink-muted">{more}</span>}
      </dd>
    </div>
  )
}
