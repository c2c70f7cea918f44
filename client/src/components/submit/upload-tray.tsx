/**
 * A tray in the corner while photos are on their way, or were not taken: how far all of them are, and which ones
 * are in trouble. It covers the page rather than pushing it about.
 */
import { List, Pause, Play, X } from 'lucide-react'
import { useEffect, useState } from 'react'
import { Link, useLocation } from 'react-router'
import { clearFailed, pauseUploads, resumeUploads, useUploads } from '../../stores/uploads.ts'
import { text } from '../../text/index.ts'
import { pendingOf } from '../../uploads/tally.ts'
import { IconButton } from '../ui/icon-button.tsx'
import { UploadBar, UploadNumbers, useUploadSummary } from './upload-bar.tsx'
import { UploadItem } from './upload-item.tsx'

/** How long the tray stays when all is sent; the rows on the board are the lasting confirmation. */
const FAREWELL_MS = 1_500
/** More would fill the screen; the page of the uploads has them all. */
const LISTED = 5

export function UploadTray() {
  const announcement = useUploads((store) => store.announcement)
  return (
    <>
      <p aria-live="polite" className="sr-only">
        {announcement}
      </p>
      <Tray />
    </>
  )
}

function Tray() {
  const { pathname } = useLocation()
  const isActive = useUploads(({ tally }) => pendingOf(tally) + tally.states.failed > 0)
  const isLeaving = useLingering(isActive)
  if (pathname === '/submit' || !(isActive || isLeaving)) return null
  return (
    <section
      aria-label={text.uploads.heading}
      className="fixed right-0 bottom-0 z-30 w-full overflow-hidden border border-line bg-surface shadow-raised max-sm:rounded-t-lg sm:right-6 sm:bottom-6 sm:w-96 sm:rounded-lg"
    >
      <TrayHead />
      <TroubleList />
    </section>
  )
}

function TrayHead() {
  const summary = useUploadSummary()
  const isPaused = useUploads((store) => store.isPaused)
  const isPending = useUploads(({ tally }) => pendingOf(tally) > 0)
  const hasFailed = useUploads(({ tally }) => tally.states.failed > 0)
  const words = text.uploads
  return (
    <header className="grid gap-1.5 py-2 pr-2 pl-4">
      <div className="flex min-h-7 items-center">
        <h2 className="min-w-0 flex-1 font-semibold">{summary}</h2>
        {isPending && (
          <IconButton
            icon={isPaused ? Play : Pause}
            label={isPaused ? words.resume : words.pause}
            onClick={isPaused ? resumeUploads : pauseUploads}
          />
        )}
        <Link
          to="/submit"
          title={words.showAll}
          aria-label={words.showAll}
          className="flex size-7 shrink-0 items-center justify-center rounded-md text-ink-muted transition-colors hover:bg-hover hover:text-ink"
        >
          <List aria-hidden size={16} />
        </Link>
        {hasFailed && <IconButton icon={X} label={words.dismissAll} onClick={clearFailed} />}
      </div>
      {isPending && (
        <div className="grid gap-1.5 pr-2">
          <UploadBar />
          <UploadNumbers />
        </div>
      )}
    </header>
  )
}

/** What failed, or is tried again by itself. */
function TroubleList() {
  useUploads((store) => store.revision)
  const { uploads, tally } = useUploads.getState()
  const count = tally.states.failed + tally.states.postponed
  if (count === 0) return null
  const ids: number[] = []
  for (const { id, state } of uploads.values()) {
    if (ids.length < LISTED && (state === 'failed' || state === 'postponed')) ids.push(id)
  }
  return (
    <div className="max-h-[40vh] overflow-y-auto border-t border-line">
      <ul className="divide-y divide-line">
        {ids.map((id) => (
          <li key={id}>
            <UploadItem id={id} />
          </li>
        ))}
      </ul>
      {count > ids.length && (
        <Link
          to="/submit"
          className="block border-t border-line px-4 py-2 font-medium text-accent hover:underline"
        >
          {text.uploads.moreProblems(count - ids.length)}
        </Link>
      )}
    </div>
  )
}

/** Whether it was so a moment ago. */
function useLingering(isActive: boolean): boolean {
  const [lingers, setLingers] = useState(false)
  useEffect(() => {
    if (isActive) {
      setLingers(true)
      return
    }
    const timer = setTimeout(() => setLingers(false), FAREWELL_MS)
    return () => clearTimeout(timer)
  }, [isActive])
  return lingers
}
