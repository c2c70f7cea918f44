/** What a job is doing, in a sentence, and what can be done with it: cancel it, or queue it once more. */
import type { Job } from '@argus/shared'
import { Ban, RotateCw } from 'lucide-react'
import { cancelJob, retryJob } from '../api/jobs.ts'
import { followAnswer } from '../stores/opened.ts'
import { text } from '../text.ts'
import { ActionButton } from './action-button.tsx'
import { useSpans } from './job-times.tsx'
import { useAction } from './use-action.ts'

export function JobActions({ job }: { job: Job }) {
  const { id, run, status, fileName } = job
  const { pending, failure, run: start } = useAction(`${run} ${status}`)
  const spans = useSpans(job)
  const ended = status !== 'QUEUED' && status !== 'RUNNING'
  const { actions } = text
  const change = ended ? retryJob : cancelJob
  return (
    <div>
      <div className="flex items-center gap-4">
        <div className="min-w-0 flex-1">
          <p className="truncate font-medium">{sentenceFor(job)}</p>
          <p className="truncate text-xs text-ink-muted">{spans}</p>
        </div>
        <ActionButton
          icon={ended ? RotateCw : Ban}
          label={ended ? actions.retry : actions.cancel}
          hint={ended ? actions.retryOf(fileName) : actions.cancelOf(fileName)}
          pending={pending}
          onClick={() => start(async () => followAnswer(await change(id)))}
        />
      </div>
      <p aria-live="polite" className={failure === null ? '' : 'mt-2 text-bad'}>
        {failure && actions.refused(failure.title, failure.detail)}
      </p>
    </div>
  )
}

function sentenceFor({ status, attempts, worker }: Job): string {
  const { jobs } = text
  switch (status) {
    case 'QUEUED':
      return attempts > 0 ? jobs.requeued(attempts) : jobs.queued
    case 'RUNNING':
      return worker === null ? jobs.running : jobs.runningOn(worker)
    case 'SUCCEEDED':
      return worker === null ? text.statusWords.SUCCEEDED : jobs.recognisedBy(worker)
    case 'FAILED':
      return jobs.failed
    case 'CANCELLED':
      return jobs.cancelled
  }
}
