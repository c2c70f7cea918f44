/** The master: what its process and its machine do, and the model that it serves. */
import type { MasterFigures } from '@argus/shared'
import { formatBytes, formatCount, formatElapsed, formatInstant } from '../../format.ts'
import { useBoard } from '../../stores/board.ts'
import { useClock } from '../../stores/clock.ts'
import { text } from '../../text/index.ts'
import { Card } from '../ui/card.tsx'
import { Fact } from './fact.tsx'
import { ModelPart } from './model-part.tsx'

interface Props {
  /** Undefined until they are known. */
  figures: MasterFigures | undefined
  /** When the figures came. */
  arrivedAt: number
}

export function MasterCard({ figures, arrivedAt }: Props) {
  const { master } = text
  const isFull = useBoard(({ overview }) => overview?.cluster.storage.disk === 'full')
  return (
    <Card heading={master.heading} className="h-full">
      <ModelPart />
      <dl className="mt-4 grid grid-cols-2 gap-x-6 gap-y-3 border-t border-line pt-4 sm:grid-cols-4">
        <Fact name={master.up} hint={figures && sinceWords(figures, arrivedAt)}>
          {figures && <Uptime startedAt={startOf(figures, arrivedAt)} />}
        </Fact>
        <Fact name={master.cpu}>{figures && master.cores(figures.cpu)}</Fact>
        <Fact name={master.memory}>{figures && formatBytes(figures.rssBytes)}</Fact>
        <Fact
          name={master.disk}
          more={isFull ? <span className="font-medium text-warn">{master.diskFull}</span> : undefined}
        >
          {figures &&
            (figures.freeDiskBytes === null ? master.diskUnknown : formatBytes(figures.freeDiskBytes))}
        </Fact>
        <Fact name={master.lag} hint={master.lagHint} more={figures && lagWords(figures)}>
          {figures && master.lag50(figures.eventLoopLag.p50)}
        </Fact>
        <Fact name={master.commits} hint={master.commitsHint} more={figures && commitWords(figures)}>
          {figures && master.perSecond(figures.commits.perSecond)}
        </Fact>
        <Fact name={master.boards}>{figures && formatCount(figures.boards)}</Fact>
        <Fact name={master.streams}>{figures && formatCount(figures.eventStreams)}</Fact>
      </dl>
    </Card>
  )
}

function Uptime({ startedAt }: { startedAt: number }) {
  return useClock(({ now }) => formatElapsed(now - startedAt))
}

function startOf({ uptimeSeconds }: MasterFigures, arrivedAt: number): number {
  return arrivedAt - uptimeSeconds * 1_000
}

function sinceWords(figures: MasterFigures, arrivedAt: number): string {
  return text.master.upSince(formatInstant(new Date(startOf(figures, arrivedAt)).toISOString()))
}

function lagWords({ eventLoopLag: { p99, max } }: MasterFigures): string {
  return text.master.lagRest(p99, max)
}

function commitWords({ commits: { milliseconds, writes } }: MasterFigures): string {
  const { master } = text
  if (milliseconds === null) return master.noCommits
  const duration = master.quantiles(milliseconds.p50, milliseconds.p99)
  return writes === null ? duration : `${duration}; ${master.writes(writes.p50, writes.p99)}`
}
