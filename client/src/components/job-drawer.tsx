/** The drawer with everything about one job. It follows the job live, like its row does. */
import type { Job } from '@argus/shared'
import { X } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { useBoard } from '../stores/board.ts'
import { text } from '../text.ts'
import { ClassBars } from './class-bars.tsx'
import { FileName } from './file-name.tsx'
import { IconButton } from './icon-button.tsx'
import { JobFacts } from './job-facts.tsx'
import { Photo } from './photo.tsx'
import { StatusWord } from './status-word.tsx'

export function JobDrawer() {
  const job = useBoard((store) => store.opened)
  return job === null ? null : <Drawer key={job.id} job={job} />
}

function Drawer({ job }: { job: Job }) {
  const closeJob = useBoard((store) => store.closeJob)
  const dialog = useRef<HTMLDialogElement>(null)
  const close = () => dialog.current?.close()
  // A modal dialog of the browser keeps the focus inside, closes with Escape and hands the focus back.
  useEffect(() => dialog.current?.showModal(), [])
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: a click beside the drawer closes it; for keys there is Escape
    <dialog
      ref={dialog}
      aria-labelledby="opened-job"
      onClose={closeJob}
      onClick={(event) => event.target === event.currentTarget && close()}
      className="mr-0 ml-auto h-dvh max-h-none overscroll-contain w-full max-w-lg translate-x-0 border-l border-line bg-surface text-ink shadow-raised transition-transform backdrop:bg-veil starting:translate-x-8"
    >
      <div className="min-h-full">
        <header className="sticky top-0 z-10 flex items-center gap-3 border-b border-line bg-surface px-5 py-3">
          <h2 id="opened-job" className="min-w-0 flex-1 text-base font-semibold">
            <FileName name={job.fileName} />
          </h2>
          <StatusWord status={job.status} />
          <IconButton icon={X} label={text.details.close} onClick={close} />
        </header>
        <div className="grid gap-6 p-5">
          <Photo job={job} />
          {job.error !== null && (
            <div className="rounded-md bg-bad-soft px-4 py-3">
              <p className="font-semibold text-bad">{job.error.title}</p>
              <p className="wrap-anywhere">{job.error.detail}</p>
            </div>
          )}
          {job.result !== null && <ClassBars classes={job.result.classes} />}
          <JobFacts job={job} />
        </div>
      </div>
    </dialog>
  )
}
