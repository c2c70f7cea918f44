/** All that is known of one job, as the master pushes it. */
import type { JobDetail } from '@argus/shared'
import { useStale } from '../../stores/board.ts'
import { useSubject } from '../../stores/subjects.ts'
import { text } from '../../text/index.ts'
import { FreshnessNote } from '../shell/freshness-note.tsx'
import { useTitle } from '../shell/use-title.ts'
import { BackLink } from '../ui/back-link.tsx'
import { Missing } from '../ui/missing.tsx'
import { RemovedNote } from '../ui/removed-note.tsx'
import { useLatest } from '../ui/use-latest.ts'
import { ClassBars } from './class-bars.tsx'
import { JobAttempts } from './job-attempts.tsx'
import { JobFacts } from './job-facts.tsx'
import { JobHeader } from './job-header.tsx'
import { JobJson } from './job-json.tsx'
import { JobSkeleton } from './job-skeleton.tsx'
import { JobTimings } from './job-timings.tsx'
import { Photo } from './photo.tsx'

export function JobPage({ id }: { id: string }) {
  const { news, refusal } = useSubject({ of: 'job', id })
  const job = useLatest(news?.job ?? null)
  const { details } = text
  useTitle(job?.fileName ?? details.heading)
  const isGone = news?.job === null || refusal?.code === 'job/not-found'
  return (
    <>
      <div className="flex h-6 items-center gap-4">
        <BackLink to="/" label={details.board} />
        <FreshnessNote />
      </div>
      {job !== null ? (
        <>
          {isGone && <RemovedNote words={details.removed} />}
          <Known job={job} isRemoved={isGone} />
        </>
      ) : isGone ? (
        <Missing heading={details.missing} detail={details.missingDetail} to="/" back={details.board} />
      ) : refusal !== null ? (
        <Missing heading={refusal.title} detail={refusal.detail} to="/" back={details.board} />
      ) : (
        <JobSkeleton />
      )}
    </>
  )
}

function Known({ job, isRemoved }: { job: JobDetail; isRemoved: boolean }) {
  const stale = useStale()
  return (
    <div className={`grid grid-cols-[minmax(0,1fr)] gap-4 ${stale || isRemoved ? 'stale' : ''}`}>
      <JobHeader job={job} isRemoved={isRemoved} />
      <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 lg:grid-cols-[minmax(0,5fr)_minmax(0,6fr)]">
        {/* On a narrow screen all in one column, the facts last. */}
        <div className="grid grid-cols-[minmax(0,1fr)] gap-4 max-lg:contents">
          <Photo job={job} />
          <JobFacts job={job} />
        </div>
        <div className="grid grid-cols-[minmax(0,1fr)] gap-4 max-lg:contents">
          <ClassBars job={job} />
          <JobTimings job={job} />
          <JobAttempts job={job} />
          <JobJson job={job} isRemoved={isRemoved} />
        </div>
      </div>
    </div>
  )
}
