/** Teaches what the board is for, as long as there is no job on it. */
import { JOBS_PATH } from '../../api/jobs.ts'
import { text } from '../../text/index.ts'
import { Command } from '../ui/command.tsx'

export function EmptyState() {
  const { empty } = text
  const command = `curl -F image=@photo.jpg -H 'Prefer: wait=10' ${location.origin}${JOBS_PATH}`
  return (
    <section className="grid items-center gap-x-10 gap-y-6 rounded-lg border border-line bg-surface p-5 md:p-8 lg:grid-cols-2">
      <div className="grid gap-2">
        <h2 className="text-lg font-semibold">{empty.heading}</h2>
        <p className="text-pretty text-ink-muted">{empty.what}</p>
        <p className="font-medium">{empty.drop}</p>
      </div>
      <div className="min-w-0">
        <p className="mb-2 text-xs text-ink-muted">{empty.command}</p>
        <Command command={command} />
      </div>
    </section>
  )
}
