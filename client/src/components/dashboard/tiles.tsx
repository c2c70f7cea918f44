/** The figures of the whole window, and how many jobs wait now. */
import type { Activity } from '@argus/shared'
import { formatCount, formatDuration, formatPercent } from '../../format.ts'
import { useBoard } from '../../stores/board.ts'
import { text } from '../../text/index.ts'
import { Quantity, Tile } from './tile.tsx'
import { formatTick, inUnit, rateUnit } from './units.ts'

/** @param whole undefined until it is known */
export function Tiles({ whole }: { whole: Activity | undefined }) {
  const { figures } = text
  const now = useBoard(({ overview }) => overview?.counts)
  const counts = whole?.counts
  return (
    <dl className="grid grid-cols-2 gap-3 lg:grid-cols-5">
      <Tile
        figure="submitted"
        name={figures.submitted}
        more={counts && counts.reused > 0 && figures.reused(counts.reused)}
      >
        {counts && formatCount(counts.submitted)}
      </Tile>
      <Tile figure="recognised" name={figures.recognised}>
        {counts && formatCount(counts.succeeded)}
      </Tile>
      <Tile
        figure="failed"
        name={figures.failed}
        more={counts && counts.cancelled > 0 && figures.cancelled(counts.cancelled)}
      >
        {counts && formatCount(counts.failed)}
      </Tile>
      <Tile figure="waiting" name={figures.waiting} more={now && figures.running(now.RUNNING)}>
        {now && formatCount(now.QUEUED)}
      </Tile>
      <Tile
        figure="throughput"
        name={figures.throughput}
        hint={figures.throughputHint}
        more={whole && figures.average}
      >
        {whole && <Rate perSecond={whole.throughput} />}
      </Tile>
      <Tile
        figure="goodput"
        name={figures.goodput}
        hint={figures.goodputHint}
        more={whole && figures.average}
      >
        {whole && <Rate perSecond={whole.goodput} />}
      </Tile>
      <LatencyTile whole={whole} />
      <AccuracyTile whole={whole} />
    </dl>
  )
}

function Rate({ perSecond }: { perSecond: number }) {
  const unit = rateUnit(perSecond)
  return <Quantity value={formatTick(inUnit(perSecond, unit))} unit={text.charts.photosPer[unit]} />
}

function LatencyTile({ whole }: { whole: Activity | undefined }) {
  const { figures, charts } = text
  const latency = whole?.latency.whole
  return (
    <Tile figure="latency" name={figures.latency} isWide more={latency === null && figures.latencyNone}>
      {latency ? (
        <span className="flex flex-wrap gap-x-4 max-sm:gap-x-3 max-sm:text-base">
          <Quantity value={formatDuration(latency.p50)} unit={charts.latency.p50} />
          <Quantity value={formatDuration(latency.p95)} unit={charts.latency.p95} />
          <Quantity value={formatDuration(latency.p99)} unit={charts.latency.p99} />
        </span>
      ) : latency === null ? (
        charts.nothing
      ) : undefined}
    </Tile>
  )
}

function AccuracyTile({ whole }: { whole: Activity | undefined }) {
  const { figures } = text
  const accuracy = whole?.accuracy
  return (
    <Tile
      figure="accuracy"
      name={figures.accuracy}
      isWide
      more={accuracy ? figures.truths(accuracy.jobs) : accuracy === null && figures.noTruthsDetail}
    >
      {accuracy ? (
        <span className="flex flex-wrap gap-x-4 max-sm:gap-x-3 max-sm:text-base">
          <Quantity value={formatPercent(accuracy.top1)} unit={figures.top1} />
          <Quantity value={formatPercent(accuracy.top5)} unit={figures.top5} />
        </span>
      ) : accuracy === null ? (
        <span className="text-sm font-medium">{figures.noTruths}</span>
      ) : undefined}
    </Tile>
  )
}
