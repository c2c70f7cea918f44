/** One photo on its way to the master: how far it got, or why it was not taken and whether that passes. */
import { RotateCw, X } from 'lucide-react'
import { useClock } from '../stores/clock.ts'
import { dismissUpload, retryUpload, type Upload } from '../stores/uploads.ts'
import { text } from '../text.ts'
import { FileName } from './file-name.tsx'
import { IconButton } from './icon-button.tsx'

export function UploadItem({ upload }: { upload: Upload }) {
  const { id, photo, state, progress, failure } = upload
  const words = text.uploads
  return (
    <li data-upload={state} className="flex items-start gap-1 py-2 pr-2 pl-4">
      <div className="min-w-0 flex-1 pt-1">
        <p className="font-medium">
          <FileName name={photo.name} />
        </p>
        {failure === null ? (
          <div className="flex h-4 items-center gap-2 text-xs text-ink-muted">
            {state === 'sending' && progress < 1 && <progress aria-label={photo.name} value={progress} />}
            {state === 'sending' && progress === 1 && words.handling}
            {state === 'waiting' && words.waiting}
            {state === 'sent' && words.sent}
          </div>
        ) : (
          <p className="text-xs wrap-anywhere">
            <span className={`font-medium ${state === 'failed' ? 'text-bad' : 'text-warn'}`}>
              {failure.title}.
            </span>{' '}
            <span className="text-ink-muted">
              {failure.detail} {state === 'postponed' && <RetryCountdown at={upload.retryAt} />}
            </span>
          </p>
        )}
      </div>
      {(state === 'failed' || state === 'postponed') && (
        <IconButton icon={RotateCw} label={words.retryOf(photo.name)} onClick={() => retryUpload(id)} />
      )}
      {state !== 'sent' && (
        <IconButton
          icon={X}
          label={state === 'failed' ? words.dismiss(photo.name) : words.cancel(photo.name)}
          onClick={() => dismissUpload(id)}
        />
      )}
    </li>
  )
}

function RetryCountdown({ at }: { at: number }) {
  return useClock(({ now }) => text.uploads.retryIn(at - now))
}
