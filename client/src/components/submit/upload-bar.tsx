/** One bar for all photos, and what it amounts to. */

import { useUploads } from '../../stores/uploads.ts'
import { text } from '../../text/index.ts'
import { pendingOf } from '../../uploads/tally.ts'

/** What the uploads are doing, in one line. */
export function useUploadSummary(): string {
  return useUploads(({ tally, isPaused }) => {
    const { sending, waiting, postponed, sent, failed } = tally.states
    const toSend = tally.files - failed
    const parts = [
      sending + waiting > 0 && (isPaused ? text.uploads.paused : text.uploads.sending)(sent, toSend),
      postponed > 0 && text.uploads.delayedAll(postponed),
      pendingOf(tally) === 0 && (sent > 0 || failed === 0) && text.uploads.done(sent),
      failed > 0 && text.uploads.failed(failed),
    ]
    return parts.filter((part) => part !== false).join(', ')
  })
}

export function UploadBar() {
  const share = useUploads(({ tally }) => (tally.bytes === 0 ? 0 : tally.doneBytes / tally.bytes))
  return <progress aria-label={text.uploads.progressOfAll} value={share} />
}

/** Bytes, rate, time left, bytes saved. */
export function UploadNumbers() {
  const { tally, pace } = useUploads()
  const words = text.uploads
  const parts = [
    words.bytes(tally.doneBytes, tally.bytes),
    pace && words.rate(pace.bytesPerSecond),
    pace?.msLeft != null && words.left(pace.msLeft),
    tally.shrunk > 0 && words.saved(tally.savedBytes, tally.shrunk),
  ]
  return (
    <p className="flex min-h-4 flex-wrap gap-x-4 text-xs text-ink-muted">
      {parts
        .filter((part) => typeof part === 'string')
        .map((part) => (
          <span key={part} className="whitespace-nowrap">
            {part}
          </span>
        ))}
    </p>
  )
}
