/** A modal dialog under a heading, open from its first moment; Escape leaves it. */
import { type ReactNode, type RefObject, useEffect, useId } from 'react'

interface Props {
  /** To close it with. */
  ref: RefObject<HTMLDialogElement | null>
  heading: string
  /** It was closed, or left by Escape. */
  onClose: () => void
  children: ReactNode
}

export function Dialog({ ref, heading, onClose, children }: Props) {
  const id = useId()
  useEffect(() => {
    // React runs an effect twice while it is developed with, and an open dialog refuses to be shown again.
    if (ref.current?.open === false) ref.current.showModal()
  }, [ref])
  return (
    <dialog
      ref={ref}
      aria-labelledby={id}
      onClose={onClose}
      className="m-auto w-full max-w-[min(28rem,calc(100vw-2rem))] rounded-lg border border-line bg-surface text-ink shadow-raised backdrop:bg-veil"
    >
      <div className="grid gap-4 p-5">
        <h2 id={id} className="text-base font-semibold wrap-anywhere">
          {heading}
        </h2>
        {children}
      </div>
    </dialog>
  )
}
