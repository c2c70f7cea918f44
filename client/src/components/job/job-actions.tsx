/** What can be done with a job: cancel it or queue it once more, and delete it. */
import type { Job } from '@argus/shared'
import { isTerminal } from '@argus/shared/vocabulary'
import { Ban, RotateCw, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { cancelJob, deleteJob, retryJob } from '../../api/jobs.ts'
import { text } from '../../text/index.ts'
import { ActionButton } from '../ui/action-button.tsx'
import { ConfirmDialog } from '../ui/confirm-dialog.tsx'
import { useAction } from '../ui/use-action.ts'

export function JobActions({ job }: { job: Job }) {
  const { id, run, status, fileName } = job
  const change = useAction(`${run} ${status}`)
  // Its effect is that the job is gone, and this with it.
  const deletion = useAction(id)
  const [isAsking, setIsAsking] = useState(false)
  const ended = isTerminal(status)
  const { actions } = text
  const failure = change.failure ?? deletion.failure
  return (
    <div className="grid shrink-0 justify-items-start gap-2 sm:justify-items-end">
      <div className="flex gap-2">
        <ActionButton
          icon={ended ? RotateCw : Ban}
          label={ended ? actions.retry : actions.cancel}
          hint={ended ? actions.retryOf(fileName) : actions.cancelOf(fileName)}
          pending={change.pending}
          onClick={() => change.run(async () => void (await (ended ? retryJob : cancelJob)(id)))}
        />
        <ActionButton
          icon={Trash2}
          label={actions.delete}
          hint={actions.deleteOf(fileName)}
          pending={deletion.pending}
          onClick={() => setIsAsking(true)}
        />
      </div>
      <p aria-live="polite" className="text-bad empty:hidden">
        {failure && actions.refused(failure.title, failure.detail)}
      </p>
      {isAsking && (
        <ConfirmDialog
          title={actions.confirmDelete(fileName)}
          detail={actions.confirmDeleteDetail}
          action={actions.delete}
          onConfirm={() => deletion.run(() => deleteJob(id))}
          onClose={() => setIsAsking(false)}
        />
      )}
    </div>
  )
}
