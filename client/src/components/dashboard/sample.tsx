/** A small piece of a line or a bar, beside its name. */
import { fillOf, type Series } from './series.ts'

export function Sample({ series }: { series: Series }) {
  const { kind, colour, dash } = series
  return (
    <svg aria-hidden width="20" height="10" className="shrink-0">
      {kind === 'bar' ? (
        <rect x="4.5" y="0.5" width="11" height="9" fill={fillOf(series)} stroke={colour} />
      ) : (
        <>
          {kind === 'area' && <rect y="5" width="20" height="5" fill={colour} opacity="0.18" />}
          <line x1="0" x2="20" y1="5" y2="5" stroke={colour} strokeWidth="2" strokeDasharray={dash} />
        </>
      )}
    </svg>
  )
}
