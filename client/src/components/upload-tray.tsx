/** A tray in the corner with the photos on their way; it covers the page rather than pushing it about. */
import { X } from 'lucide-react'
import { dismissUpload, type Upload, useUploads } from '../stores/uploads.ts'
import { text } from '../text.ts'
import { IconButton } from './icon-button.tsx'
import { UploadItem } from './upload-item.tsx'

/** Photos that wait for their turn are counted, and listed only as far as they fit well. */
const LISTED_WAITING = 3

export function UploadTray() {
  const { uploads, announcement } = useUploads()
  return (
    <>
      <p aria-live="polite" className="sr-only">
        {announcement}
      </p>
      {uploads.length > 0 && <Tray uploads={uploads} />}
    </>
  )
}

function Tray({ uploads }: { uploads: readonly Upload[] }) {
  const inState = (state: Upload['state']) => uploads.filter((upload) => upload.state === state)
  const [waiting, sending, failed] = [inState('waiting'), inState('sending'), inState('failed')]
  const postponed = inState('postponed')
  const busy = sending.length + waiting.length > 0
  const summary = [
    busy && text.uploads.sending(sending.length, waiting.length),
    postponed.length > 0 && text.uploads.postponed(postponed.length),
    failed.length > 0 && text.uploads.failed(failed.length),
  ].filter((part) => part !== false)
  const listed = [
    ...failed,
    ...postponed,
    ...inState('sent'),
    ...sending,
    ...waiting.slice(0, LISTED_WAITING),
  ]
  return (
    <section
      aria-label={text.uploads.heading}
      className="fixed right-0 bottom-0 z-30 w-full overflow-hidden border border-line bg-surface shadow-raised max-sm:rounded-t-lg sm:right-6 sm:bottom-6 sm:w-96 sm:rounded-lg"
    >
      <header className="flex h-10 items-center justify-between border-b border-line pr-2 pl-4">
        <h2 className="font-semibold">{summary.length > 0 ? summary.join(', ') : text.uploads.done}</h2>
        {failed.length > 0 && (
          <IconButton
            icon={X}
            label={text.uploads.dismissAll}
            onClick={() => {
              for (const { id } of failed) dismissUpload(id)
            }}
          />
        )}
      </header>
      <ul className="max-h-[40vh] divide-y divide-line overflow-y-auto">
        {listed.map((upload) => (
          <UploadItem key={upload.id} upload={upload} />
        ))}
      </ul>
    </section>
  )
}
