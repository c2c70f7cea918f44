/** All attempts of a job, and its runs set apart when there is more than one. */
import type { Attempt, JobDetail } from '@argus/shared'
import { text } from '../../text/index.ts'
import { Card } from '../ui/card.tsx'
import { AttemptRow } from './attempt-row.tsx'

export function JobAttempts({ job }: { job: JobDetail }) {
  const { heading } = text.attempts
  const runs = Array.from({ length: job.run }, (_, position) => position + 1)
  return (
    <Card heading={heading}>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
        {runs.map((run) => (
          <div key={run} data-run={run}>
            {runs.length > 1 && (
              <h3 className="mb-1 text-xs font-medium text-ink-muted">{text.attempts.run(run)}</h3>
            )}
            <Attempts
              attempts={job.history.filter((attempt) => attempt.run === run)}
              none={run === job.run ? noneYet(job) : text.attempts.none}
            />
          </div>
        ))}
      </div>
    </Card>
  )
}

function noneYet({ reused, endedAt }: JobDetail): string {
  const { attempts } = text
  if (reused) return attempts.reused
  return endedAt === null ? attempts.noneYet : attempts.none
}

function Attempts({ attempts, none }: { attempts: readonly Attempt[]; none: string }) {
  const frame = 'rounded-md border border-line'
  // As high as one that ended without a reason.
  if (attempts.length === 0) {
    return <p className={`${frame} flex h-18 items-center px-4 text-ink-muted sm:h-15.5`}>{none}</p>
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
