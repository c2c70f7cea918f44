/** Asks before something is done that cannot be taken back. */
import { useRef } from 'react'
import { text } from '../../text/index.ts'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'

interface Props {
  title: string
  detail: string
  /** What is then done, in a word or two. */
  action: string
  onConfirm: () => void
  /** It was answered, or left by Escape. */
  onClose: () => void
}

export function ConfirmDialog({ title, detail, action, onConfirm, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null)
  return (
    <Dialog ref={dialog} heading={title} onClose={onClose}>
      <p className="text-ink-muted">{detail}</p>
      <div className="flex justify-end gap-2">
        <Button label={text.confirm.leave} onClick={() => dialog.current?.close()} />
        <button
          type="button"
          onClick={() => {
            onConfirm()
            dialog.current?.close()
          }}
          className="h-8 rounded-md border border-bad bg-bad-soft px-3 font-medium text-bad transition-colors hover:bg-surface"
        >
          {action}
        </button>
      </div>
    </Dialog>
  )
}
