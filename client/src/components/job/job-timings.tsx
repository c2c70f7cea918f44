/** How long each step of a job's present run took, as a waterfall; what goes on is ticking. */
import type { Job } from '@argus/shared'
import { formatDuration, formatElapsed } from '../../format.ts'
import { useClock } from '../../stores/clock.ts'
import { text } from '../../text/index.ts'
import { Card } from '../ui/card.tsx'
import { type Step, spanOf, stepsOf } from './waterfall.ts'

export function JobTimings({ job }: { job: Job }) {
  // What has ended ticks no more.
  const now = useClock((clock) => (job.endedAt === null ? clock.now : 0))
  const { heading, columns, whole, soFar, ofRun, reused } = text.timings
  const steps = stepsOf(job, now)
  const all = spanOf(steps)
  const sums =
    steps.length === 0 ? [] : [job.endedAt === null ? soFar(formatElapsed(all)) : whole(formatDuration(all))]
  if (job.run > 1) sums.push(ofRun(job.run))
  return (
    <Card heading={heading} aside={<p className="text-ink-muted">{sums.join(' · ')}</p>}>
      {job.reused && <p className="text-ink-muted">{reused}</p>}
      {steps.length > 0 && (
        <table className="w-full table-fixed">
          <thead className="text-left text-xs text-ink-muted">
            <tr className="h-6">
              <th scope="col" className="w-31 font-medium">
                {columns.step}
              </th>
              <th scope="col" className="font-medium">
                <span className="sr-only">{columns.bar}</span>
              </th>
              <th scope="col" className="w-24 pl-3 text-right font-medium max-sm:hidden">
                {columns.begins}
              </th>
              <th scope="col" className="w-20 text-right font-medium">
                {columns.takes}
              </th>
            </tr>
          </thead>
          <tbody>
            {steps.map((step) => (
              <StepRow key={step.name} step={step} all={all} />
            ))}
          </tbody>
        </table>
      )}
    </Card>
  )
}

function StepRow({ step: { name, offset, ms, isGoing }, all }: { step: Step; all: number }) {
  const { steps, after, unknown, unknownHint } = text.timings
  const share = (part: number) => `${all === 0 ? 0 : (part / all) * 100}%`
  const isPart = name !== 'queued' && name !== 'worker'
  return (
    <tr data-step={name} data-known={ms !== null} className="h-7">
      <th
        scope="row"
        title={steps[name].hint}
        className={`truncate text-left font-normal ${isPart ? 'pl-4' : ''} ${ms === null ? 'text-ink-muted' : ''}`}
      >
        {steps[name].name}
      </th>
      <td>
        <div aria-hidden className="relative h-2 overflow-hidden rounded-full bg-sunken">
          {offset !== null && ms !== null && (
            <div
              className={`absolute inset-y-0 min-w-0.5 rounded-full ${isPart ? 'bg-accent' : 'bg-line-strong'}`}
              // The sliver of a short last step stays inside.
              style={{ left: `min(${share(offset)}, 100% - 0.125rem)`, width: share(ms) }}
            />
          )}
        </div>
      </td>
      <td className="truncate pl-3 text-right text-xs text-ink-muted max-sm:hidden">
        {offset !== null && after(offset)}
      </td>
      <td className="truncate text-right">
        {ms === null ? (
          <span title={unknownHint} className="text-ink-muted">
            {unknown}
          </span>
        ) : isGoing ? (
          formatElapsed(ms)
        ) : (
          formatDuration(ms)
        )}
      </td>
    </tr>
  )
}
