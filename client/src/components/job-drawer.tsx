/** The drawer with everything about one job. It follows the job live, like its row does. */
import type { Job } from '@argus/shared'
import { useBoard } from '../stores/board.ts'
import { closeJob, useOpened } from '../stores/opened.ts'
import { text } from '../text.ts'
import { ClassBars } from './class-bars.tsx'
import { Drawer } from './drawer.tsx'
import { FailureNote } from './failure-note.tsx'
import { FileName } from './file-name.tsx'
import { JobActions } from './job-actions.tsx'
import { JobFacts } from './job-facts.tsx'
import { JobHistory } from './job-history.tsx'
import { Photo } from './photo.tsx'
import { RemovedNote } from './removed-note.tsx'
import { StatusWord } from './status-word.tsx'
import { UnfollowedNote } from './unfollowed-note.tsx'

export function JobDrawer() {
  const { id, job, failure } = useOpened()
  if (job !== null) {
    return (
      <Drawer
        key={id}
        title={<FileName name={job.fileName} />}
        status={<StatusWord status={job.status} />}
        onClose={closeJob}
      >
        <Details job={job} />
      </Drawer>
    )
  }
  if (failure === null) return null
  return (
    <Drawer key={id} title={text.details.job} onClose={closeJob}>
      <FailureNote title={failure.title} detail={failure.detail} />
    </Drawer>
  )
}

function Details({ job }: { job: Job }) {
  const stale = useBoard((store) => store.connection.phase === 'lost')
  const removed = useOpened((store) => store.removed)
  return (
    <div className={`grid grid-cols-[minmax(0,1fr)] gap-6 ${stale ? 'stale' : ''}`}>
      {removed ? <RemovedNote /> : <UnfollowedNote job={job} />}
      {!removed && <JobActions job={job} />}
      {job.error !== null && <FailureNote title={job.error.title} detail={job.error.detail} />}
      <Photo job={job} />
      {job.result !== null && <ClassBars classes={job.result.classes} />}
      <JobHistory job={job} />
      <JobFacts job={job} />
    </div>
  )
}
