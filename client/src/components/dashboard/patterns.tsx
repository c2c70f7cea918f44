/** The patterns of bars, once for all charts of the page. */
import { COLOURS, patternId } from './series.ts'

export function Patterns() {
  const square = { width: 6, height: 6, patternUnits: 'userSpaceOnUse' } as const
  return (
    <svg aria-hidden width="0" height="0" className="absolute">
      <defs>
        <pattern id={patternId('hatched')} {...square} patternTransform="rotate(45)">
          <rect width="6" height="6" fill={COLOURS.bad} opacity="0.25" />
          <rect width="3" height="6" fill={COLOURS.bad} />
        </pattern>
        <pattern id={patternId('dotted')} {...square}>
          <rect width="6" height="6" fill={COLOURS.quiet} opacity="0.2" />
          <circle cx="3" cy="3" r="1.4" fill={COLOURS.quiet} />
        </pattern>
        <pattern id={patternId('pale')} {...square}>
          <rect width="6" height="6" fill={COLOURS.first} opacity="0.35" />
        </pattern>
      </defs>
    </svg>
  )
}
