/** One photo on its way to the master: how far it got, or why it was not taken and whether that passes. */
import { CircleCheck, Minimize2, RotateCw, X } from 'lucide-react'
import { Link } from 'react-router'
import { formatBytes } from '../../format.ts'
import { useClock } from '../../stores/clock.ts'
import { useDownscaling } from '../../stores/downscaling.ts'
import { canShrink, dismissUpload, retryUpload, shrinkAndRetry, useUploads } from '../../stores/uploads.ts'
import { text } from '../../text/index.ts'
import type { Upload } from '../../uploads/upload.ts'
import { FileName } from '../ui/file-name.tsx'
import { IconButton } from '../ui/icon-button.tsx'

export function UploadItem({ id }: { id: number }) {
  const upload = useUploads(({ uploads }) => uploads.get(id))
  if (upload === undefined) return null
  return (
    <div data-upload={upload.state} className="flex items-start gap-1 py-1.5 pr-2 pl-4">
      <div className="grid min-w-0 flex-1 gap-0.5 py-0.5">
        <div className="flex min-w-0 items-center justify-between gap-4">
          <p className="min-w-0 font-medium">
            <Name upload={upload} />
          </p>
          <p className="shrink-0 text-xs whitespace-nowrap text-ink-muted">{sizeOf(upload)}</p>
        </div>
        {upload.failure === null ? <State upload={upload} /> : <Reason upload={upload} />}
      </div>
      <Buttons upload={upload} />
    </div>
  )
}

function Name({ upload: { photo, jobId } }: { upload: Upload }) {
  if (jobId === null) return <FileName name={photo.name} />
  return (
    <Link
      to={`/jobs/${jobId}`}
      aria-label={text.uploads.job(photo.name)}
      className="block text-accent hover:underline"
    >
      <FileName name={photo.name} />
    </Link>
  )
}

function sizeOf({ originalBytes, bytes }: Upload): string {
  if (originalBytes === 0) return ''
  return bytes < originalBytes ? text.uploads.smaller(originalBytes, bytes) : formatBytes(originalBytes)
}

function State({ upload: { photo, state, progress, isPreparing } }: { upload: Upload }) {
  const isPaused = useUploads((store) => store.isPaused)
  const words = text.uploads
  return (
    <div className="flex h-4 items-center gap-1.5 text-xs text-ink-muted">
      {state === 'sending' && isPreparing && words.preparing}
      {state === 'sending' && !isPreparing && progress < 1 && (
        <progress aria-label={words.progressOf(photo.name)} value={progress} />
      )}
      {state === 'sending' && !isPreparing && progress === 1 && words.handling}
      {state === 'waiting' && (isPaused ? words.waitingPaused : words.waiting)}
      {state === 'sent' && (
        <>
          <CircleCheck aria-hidden size={14} className="text-good" />
          {words.sent}
        </>
      )}
    </div>
  )
}

function Reason({ upload: { state, failure, retryAt } }: { upload: Upload }) {
  return (
    <p className="text-xs wrap-anywhere">
      <span className={`font-medium ${state === 'failed' ? 'text-bad' : 'text-warn'}`}>
        {failure?.title}.
      </span>{' '}
      <span className="text-ink-muted">
        {failure?.detail} {state === 'postponed' && <RetryCountdown at={retryAt} />}
      </span>
    </p>
  )
}

function RetryCountdown({ at }: { at: number }) {
  return useClock(({ now }) => text.uploads.retryIn(at - now))
}

function Buttons({ upload }: { upload: Upload }) {
  const { id, photo, state } = upload
  const side = useDownscaling((store) => store.lastSide)
  const words = text.uploads
  const isStuck = state === 'failed' || state === 'postponed'
  // It keeps its place, so that names and sizes stand below each other.
  if (state === 'sent') return <span className="w-7 shrink-0" />
  return (
    <>
      {canShrink(upload) && (
        <IconButton
          icon={Minimize2}
          label={words.shrinkOf(photo.name, side)}
          onClick={() => shrinkAndRetry([id])}
        />
      )}
      {isStuck && (
        <IconButton icon={RotateCw} label={words.retryOf(photo.name)} onClick={() => retryUpload(id)} />
      )}
      <IconButton
        icon={X}
        label={state === 'failed' ? words.dismiss(photo.name) : words.cancel(photo.name)}
        onClick={() => dismissUpload(id)}
      />
    </>
  )
}
