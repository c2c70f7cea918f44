/** What can be done with all uploads together. */
import { Minimize2, Pause, Play, RotateCw, X } from 'lucide-react'
import { useDownscaling } from '../../stores/downscaling.ts'
import {
  cancelAll,
  canShrink,
  clearFailed,
  pauseUploads,
  resumeUploads,
  retryAll,
  shrinkAndRetry,
  useUploads,
} from '../../stores/uploads.ts'
import { text } from '../../text/index.ts'
import { pendingOf } from '../../uploads/tally.ts'
import { Button } from '../ui/button.tsx'

export function UploadActions() {
  const isPending = useUploads(({ tally }) => pendingOf(tally) > 0)
  const isPaused = useUploads((store) => store.isPaused)
  const words = text.uploads
  return (
    <div className="flex flex-wrap gap-2">
      {isPaused && <Button icon={Play} label={words.resume} onClick={resumeUploads} />}
      {isPending && !isPaused && <Button icon={Pause} label={words.pause} onClick={pauseUploads} />}
      {isPending && <Button icon={X} label={words.cancelAll} onClick={cancelAll} />}
    </div>
  )
}

/** How many were not sent, and what can be done about it. */
export function FailureActions() {
  const failed = useUploads(({ tally }) => tally.states.failed)
  const words = text.uploads
  if (failed === 0) return null
  return (
    <div className="flex flex-wrap items-center gap-2 rounded-md bg-bad-soft py-2 pr-2 pl-3">
      <p className="mr-auto font-medium text-bad">{words.notSent(failed)}</p>
      <ShrinkButton />
      <Button icon={RotateCw} label={words.retryAll} onClick={retryAll} />
      <Button icon={X} label={words.dismissAll} onClick={clearFailed} />
    </div>
  )
}

/** Where photos were too large that need not be. */
function ShrinkButton() {
  useUploads((store) => store.revision)
  const side = useDownscaling((store) => store.lastSide)
  const ids = [...useUploads.getState().uploads.values()].filter(canShrink).map(({ id }) => id)
  if (ids.length === 0) return null
  return (
    <Button
      icon={Minimize2}
      label={text.uploads.shrinkAll(ids.length, side)}
      onClick={() => shrinkAndRetry(ids)}
    />
  )
}
