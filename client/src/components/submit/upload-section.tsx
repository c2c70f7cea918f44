/** All that was submitted last: how far it is together, what can be done with it, and each photo. */
import { Link } from 'react-router'
import { useUploads } from '../../stores/uploads.ts'
import { text } from '../../text/index.ts'
import { pendingOf } from '../../uploads/tally.ts'
import { FailureActions, UploadActions } from './upload-actions.tsx'
import { UploadBar, UploadNumbers, useUploadSummary } from './upload-bar.tsx'
import { UploadList } from './upload-list.tsx'

export function UploadSection() {
  const isEmpty = useUploads(({ tally }) => tally.files === 0)
  const summary = useUploadSummary()
  const words = text.uploads
  return (
    <section
      aria-labelledby="uploads"
      className="min-w-0 overflow-hidden rounded-lg border border-line bg-surface"
    >
      <div className="grid gap-3 p-4">
        <div className="flex min-h-8 flex-wrap items-center justify-between gap-x-4 gap-y-2">
          <div className="flex min-w-0 flex-wrap items-baseline gap-x-3">
            <h2 id="uploads" className="font-semibold">
              {words.heading}
            </h2>
            {!isEmpty && <p>{summary}</p>}
          </div>
          <UploadActions />
        </div>
        {isEmpty ? (
          <p className="text-ink-muted">{words.none}</p>
        ) : (
          <>
            <UploadBar />
            <UploadNumbers />
            <FailureActions />
            <BatchLinks />
          </>
        )}
      </div>
      {!isEmpty && <UploadList />}
    </section>
  )
}

function BatchLinks() {
  const batches = useUploads((store) => store.batches)
  const isDone = useUploads(({ tally }) => pendingOf(tally) === 0)
  const { uploads: words } = text
  if (batches.length === 0) return null
  return (
    <ul className="grid gap-1">
      {batches.map(({ id, name }) => (
        <li key={id} className="flex min-w-0 flex-wrap items-center gap-x-3">
          <span title={name} className="min-w-0 truncate">
            {words.batch(name)}
          </span>
          <Link to={`/batches/${id}`} className="rounded-sm py-0.5 font-medium text-accent hover:underline">
            {isDone ? words.showBatch : words.followBatch}
          </Link>
        </li>
      ))}
    </ul>
  )
}
