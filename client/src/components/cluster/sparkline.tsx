/** How many photos were recognised in each ten seconds, as bars; the last one is under way and lighter. */
import { text } from '../../text/index.ts'

interface Props {
  /** The oldest first. */
  recent: readonly number[]
  /** What fills the height: the same for all workers, so that they can be compared. */
  top: number
}

export function Sparkline({ recent, top }: Props) {
  const most = Math.max(0, ...recent)
  const all = recent.reduce((sum, count) => sum + count, 0)
  const last = recent.length - 1
  return (
    <svg
      role="img"
      aria-label={text.workers.recent(all, most)}
      viewBox={`0 0 ${Math.max(1, recent.length)} 1`}
      preserveAspectRatio="none"
      className="h-8 w-full border-b border-line text-accent"
    >
      <title>{text.workers.recent(all, most)}</title>
      {recent.map((count, position) => {
        const height = count / Math.max(1, top)
        return (
          <rect
            // biome-ignore lint/suspicious/noArrayIndexKey: a bar is its place
            key={position}
            x={position + 0.1}
            y={1 - height}
            width={0.8}
            height={height}
            fill="currentColor"
            opacity={position === last ? 0.5 : 1}
          />
        )
      })}
    </svg>
  )
}
