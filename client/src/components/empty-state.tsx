/** Teaches what the board is for, as long as there is no job on it. */
import { JOBS_PATH } from '../api/jobs.ts'
import { text } from '../text.ts'
import { CopyButton } from './copy-button.tsx'

export function EmptyState() {
  const { empty } = text
  const command = `curl -F image=@photo.jpg -H 'Prefer: wait=10' ${location.origin}${JOBS_PATH}`
  return (
    <div className="grid justify-items-center gap-6 rounded-lg border border-line bg-surface px-5 py-8 md:py-12">
      <div className="grid max-w-xl justify-items-center gap-3 text-center">
        <img src="/favicon.svg" alt="" width="56" height="56" />
        <h3 className="text-lg font-semibold">{empty.heading}</h3>
        <p className="text-balance text-ink-muted">{empty.what}</p>
        <p className="font-medium">{empty.drop}</p>
      </div>
      <div className="w-full max-w-2xl">
        <p className="mb-2 text-xs text-ink-muted">{empty.command}</p>
        <div className="flex items-center gap-2 rounded-md border border-line bg-sunken py-2 pr-2 pl-4">
          <code className="min-w-0 flex-1 font-mono text-xs leading-5 wrap-anywhere">{command}</code>
          <CopyButton content={command} />
        </div>
      </div>
    </div>
  )
}
