/** What can be done with a batch: cancel it, retry what has failed of it, delete it. */
import type { Batch } from '@argus/shared'
import { Ban, RotateCw, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { cancelBatch, deleteBatch, retryFailedOf } from '../../api/batches.ts'
import { text } from '../../text/index.ts'
import { ActionButton } from '../ui/action-button.tsx'
import { ConfirmDialog } from '../ui/confirm-dialog.tsx'
import { useAction } from '../ui/use-action.ts'
import { endedOf, nameOf } from './state.ts'

export function BatchActions({ batch }: { batch: Batch }) {
  const { id, total, counts, cancelledAt } = batch
  // Photos that fail once more leave all counts as they were, but not the rate.
  const retry = useAction(JSON.stringify(batch))
  const cancel = useAction(String(cancelledAt))
  // Its effect is that the batch is gone, and this with it.
  const deletion = useAction(id)
  const [asking, setAsking] = useState<'cancel' | 'delete' | null>(null)
  const name = nameOf(batch)
  const open = total - endedOf(counts)
  const { actions, batchActions } = text
  const failure = retry.failure ?? cancel.failure ?? deletion.failure
  return (
    <div className="grid shrink-0 justify-items-start gap-2 sm:justify-items-end">
      <div className="flex gap-2">
        {counts.FAILED > 0 && (
          <ActionButton
            icon={RotateCw}
            label={batchActions.retryFailed}
            hint={batchActions.retryFailedOf(counts.FAILED)}
            pending={retry.pending}
            onClick={() => retry.run(async () => void (await retryFailedOf(id)))}
          />
        )}
        {cancelledAt === null && (open > 0 || total === 0) && (
          <ActionButton
            icon={Ban}
            label={batchActions.cancel}
            hint={batchActions.cancelOf(name)}
            pending={cancel.pending}
            onClick={() => setAsking('cancel')}
          />
        )}
        <ActionButton
          icon={Trash2}
          label={batchActions.delete}
          hint={batchActions.deleteOf(name)}
          pending={deletion.pending}
          onClick={() => setAsking('delete')}
        />
      </div>
      <p aria-live="polite" className="text-bad empty:hidden">
        {failure && actions.refused(failure.title, failure.detail)}
      </p>
      {asking === 'cancel' && (
        <ConfirmDialog
          title={batchActions.confirmCancel(name)}
          detail={batchActions.confirmCancelDetail(open)}
          action={batchActions.cancelNow}
          onConfirm={() => cancel.run(async () => void (await cancelBatch(id)))}
          onClose={() => setAsking(null)}
        />
      )}
      {asking === 'delete' && (
        <ConfirmDialog
          title={batchActions.confirmDelete(name)}
          detail={batchActions.confirmDeleteDetail(total)}
          action={batchActions.delete}
          onConfirm={() => deletion.run(() => deleteBatch(id))}
          onClose={() => setAsking(null)}
        />
      )}
    </div>
  )
}
