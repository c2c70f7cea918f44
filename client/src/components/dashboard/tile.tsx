/** One figure of a window, large, with what belongs to it below; an entry of a `<dl>`. */
import type { ReactNode } from 'react'
import { Skeleton } from '../ui/skeleton.tsx'

interface Props {
  /** For tests. */
  figure: string
  name: string
  hint?: string
  /** Beside its larger neighbours. */
  isWide?: boolean
  /** Undefined until it is known. */
  children: ReactNode
  more?: ReactNode
}

export function Tile({ figure, name, hint, isWide = false, children, more }: Props) {
  return (
    <div
      title={hint}
      className={`min-h-21 min-w-0 rounded-lg border border-line bg-surface px-4 py-3 ${isWide ? 'col-span-2' : ''}`}
    >
      <dt className="truncate text-xs text-ink-muted">{name}</dt>
      <dd>
        <div data-figure={figure} className="mt-0.5 min-h-7 text-lg font-semibold">
          {children === undefined ? <Skeleton className="mt-2 h-4 w-16" /> : children}
        </div>
        <p className="text-xs text-ink-muted">{more}</p>
      </dd>
    </div>
  )
}

/** A number with its unit or its name, smaller. */
export function Quantity({ value, unit }: { value: string; unit: string }) {
  return (
    <span className="whitespace-nowrap">
      {value} <span className="text-xs font-normal text-ink-muted">{unit}</span>
    </span>
  )
}
