/** All attempts of a job, and its runs set apart when there is more than one. */
import type { Attempt, Job } from '@argus/shared'
import { RotateCw } from 'lucide-react'
import { readOpened, useOpened } from '../stores/opened.ts'
import { text } from '../text.ts'
import { AttemptRow } from './attempt-row.tsx'
import { IconButton } from './icon-button.tsx'
import { Skeleton } from './skeleton.tsx'

export function JobHistory({ job }: { job: Job }) {
  const { history, failure, removed } = useOpened()
  const { heading } = text.attempts
  // Nobody will ever know them.
  if (removed && history === null) return null
  return (
    <section aria-labelledby="opened-job-attempts">
      <h3 id="opened-job-attempts" className="mb-2 font-semibold">
        {heading}
      </h3>
      {history !== null ? (
        <Runs job={job} history={history} />
      ) : failure === null ? (
        <Placeholder rows={Math.max(1, job.attempts)} />
      ) : null}
      {failure !== null && (
        <div className="mt-2 flex items-center gap-3 rounded-md bg-warn-soft py-2 pr-2 pl-4">
          <p className="flex-1 wrap-anywhere">{text.attempts.unread(failure.title)}</p>
          <IconButton icon={RotateCw} label={text.details.lookAgain} onClick={() => void readOpened()} />
        </div>
      )}
    </section>
  )
}

function Runs({ job, history }: { job: Job; history: readonly Attempt[] }) {
  const runs = Array.from({ length: job.run }, (_, position) => position + 1)
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
      {runs.map((run) => (
        <div key={run} data-run={run}>
          {runs.length > 1 && <h4 className="mb-1 text-xs text-ink-muted">{text.attempts.run(run)}</h4>}
          <Attempts attempts={history.filter((attempt) => attempt.run === run)} />
        </div>
      ))}
    </div>
  )
}

function Attempts({ attempts }: { attempts: readonly Attempt[] }) {
  const frame = 'rounded-md border border-line'
  if (attempts.length === 0) {
    return <p className={`${frame} px-4 py-2.5 text-ink-muted`}>{text.attempts.none}</p>
  }
  return (
    <ol className={`${frame} divide-y divide-line`}>
      {attempts.map((attempt) => (
        // Two may share a number: the later one was made by a master that had restarted.
        <AttemptRow key={`${attempt.number} ${attempt.startedAt} ${attempt.worker}`} attempt={attempt} />
      ))}
    </ol>
  )
}

/** As high as so many attempts that ended without a reason. */
function Placeholder({ rows }: { rows: number }) {
  return (
    <div className="divide-y divide-line rounded-md border border-line">
      {Array.from({ length: rows }, (_, position) => position).map((position) => (
        <div key={position} className="flex h-18 items-center px-4 sm:h-14">
          <Skeleton className="h-3 w-48 max-w-full" />
        </div>
      ))}
    </div>
  )
}
