/** What to do with the jobs that are selected; it lies over the page, so nothing moves when it comes. */
import { Ban, type LucideIcon, RotateCw, Trash2, X } from 'lucide-react'
import { useState } from 'react'
import { BULK_ACTIONS, type BulkAction, dismissNote, meantBy, runBulk, useBulk } from '../../stores/bulk.ts'
import { clearSelection, useSelection } from '../../stores/selection.ts'
import { text } from '../../text/index.ts'
import { ConfirmDialog } from '../ui/confirm-dialog.tsx'
import { IconButton } from '../ui/icon-button.tsx'

const icons: Record<BulkAction, LucideIcon> = { retry: RotateCw, cancel: Ban, delete: Trash2 }

export function BulkBar() {
  const selected = useSelection((store) => store.selected)
  const { running, note } = useBulk()
  const [isAsking, setAsking] = useState(false)
  const { selection, deletion } = text
  const rows = [...selected.values()]
  const isShown = rows.length > 0 || running !== null || note !== null
  const words = running ? selection.busy(running.done, running.all) : note?.words
  return (
    <>
      <div className="pointer-events-none fixed inset-x-0 bottom-0 z-20 flex flex-col items-center gap-2 p-2 sm:p-6">
        {/* Always there, so that what appears in it is read out. */}
        <p
          role="status"
          className={
            words
              ? `pointer-events-auto flex max-w-full items-center gap-2 rounded-lg border border-line bg-surface py-1.5 pr-1.5 pl-4 shadow-raised ${note?.isRefused && !running ? 'text-bad' : ''}`
              : 'sr-only'
          }
        >
          <span className="min-w-0 wrap-anywhere">{words}</span>
          {words && !running && (
            <IconButton icon={X} label={selection.dismiss} onClick={() => dismissNote()} />
          )}
        </p>
        {isShown && rows.length > 0 && (
          <section
            aria-label={selection.bar}
            className="pointer-events-auto flex max-w-full items-center gap-1 rounded-lg border border-line-strong bg-surface p-1.5 shadow-raised"
          >
            <p className="px-2 font-medium whitespace-nowrap">{selection.selected(rows.length)}</p>
            {BULK_ACTIONS.map((action) => {
              const meant = meantBy(action, rows)
              const Icon = icons[action]
              return (
                <button
                  key={action}
                  type="button"
                  data-action={action}
                  title={selection.hints[action]}
                  disabled={meant.length === 0 || running !== null}
                  onClick={() => (action === 'delete' ? setAsking(true) : void runBulk(action, meant))}
                  className="flex h-8 items-center gap-1.5 rounded-md px-2.5 font-medium whitespace-nowrap transition-colors enabled:hover:bg-hover disabled:text-ink-muted"
                >
                  <Icon aria-hidden size={16} className="max-sm:hidden" />
                  {selection.counted(selection.actions[action], meant.length)}
                </button>
              )
            })}
            <IconButton icon={X} label={selection.clear} onClick={clearSelection} />
          </section>
        )}
      </div>
      {isAsking && (
        <ConfirmDialog
          title={deletion.title(rows.length)}
          detail={deletion.detail}
          action={deletion.action}
          onConfirm={() => void runBulk('delete', rows)}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  )
}
