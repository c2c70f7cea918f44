/** Asks before something is done that cannot be taken back. */
import { useEffect, useId, useRef } from 'react'
import { text } from '../../text/index.ts'
import { Button } from './button.tsx'

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
  const id = useId()
  useEffect(() => {
    if (dialog.current?.open === false) dialog.current.showModal()
  }, [])
  return (
    <dialog
      ref={dialog}
      aria-labelledby={id}
      onClose={onClose}
      className="m-auto w-full max-w-[min(28rem,calc(100vw-2rem))] rounded-lg border border-line bg-surface text-ink shadow-raised backdrop:bg-veil"
    >
      <div className="grid gap-4 p-5">
        <h2 id={id} className="text-base font-semibold wrap-anywhere">
          {title}
        </h2>
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
      </div>
    </dialog>
  )
}
