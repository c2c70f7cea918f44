/** A drawer at the right edge, over the page. */
import { X } from 'lucide-react'
import { type ReactNode, useEffect, useRef } from 'react'
import { text } from '../text.ts'
import { IconButton } from './icon-button.tsx'
import { SubmissionLayer } from './submission-layer.tsx'

interface Props {
  title: ReactNode
  /** Beside the title. */
  status?: ReactNode
  onClose: () => void
  children: ReactNode
}

const TITLE = 'drawer-title'

export function Drawer({ title, status, onClose, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null)
  const close = () => dialog.current?.close()
  // A modal dialog of the browser keeps the focus inside, closes with Escape and hands the focus back.
  useEffect(() => dialog.current?.showModal(), [])
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: a click beside the drawer closes it; for keys there is Escape
    <dialog
      ref={dialog}
      aria-labelledby={TITLE}
      onClose={onClose}
      onClick={(event) => event.target === event.currentTarget && close()}
      className="mr-0 ml-auto h-dvh max-h-none w-full max-w-xl overscroll-contain border-line bg-surface text-ink shadow-raised transition-transform backdrop:bg-veil sm:border-l starting:translate-x-8"
    >
      <div className="min-h-full">
        <header className="sticky top-0 z-10 flex h-14 items-center gap-3 border-b border-line bg-surface pr-3 pl-5">
          <h2 id={TITLE} className="min-w-0 flex-1 text-base font-semibold">
            {title}
          </h2>
          {status}
          <IconButton icon={X} label={text.details.close} onClick={close} />
        </header>
        {/* The space below lets the end scroll clear of the tray. */}
        <div className="p-5 pb-12">{children}</div>
      </div>
      <SubmissionLayer />
    </dialog>
  )
}
