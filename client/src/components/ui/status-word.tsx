/** A job's status as icon and word, so that no one has to tell it by its colour. */
import type { JobStatus } from '@argus/shared'
import { Ban, CircleCheck, CircleX, Clock, type LucideIcon, ScanEye } from 'lucide-react'
import { text } from '../../text/index.ts'

const looks: Record<JobStatus, { icon: LucideIcon; colour: string }> = {
  QUEUED: { icon: Clock, colour: 'text-ink-muted' },
  RUNNING: { icon: ScanEye, colour: 'text-accent' },
  SUCCEEDED: { icon: CircleCheck, colour: 'text-good' },
  FAILED: { icon: CircleX, colour: 'text-bad' },
  CANCELLED: { icon: Ban, colour: 'text-ink-muted' },
}

/** In the order of a job's life. */
export const STATUSES: readonly JobStatus[] = ['QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED']

/** @param compact on a narrow screen only the word, which then has little room */
export function StatusWord({ status, compact = false }: { status: JobStatus; compact?: boolean }) {
  const { icon: Icon, colour } = looks[status]
  return (
    <span className="flex items-center gap-1.5 whitespace-nowrap">
      <Icon aria-hidden size={16} className={`shrink-0 ${colour} ${compact ? 'max-sm:hidden' : ''}`} />
      {text.statusWords[status]}
    </span>
  )
}
