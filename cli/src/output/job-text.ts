/** A job in the words of a terminal. */
import type { Job, JobStatus } from '@argus/shared'
import type { Style } from './text.ts'

export const STATUS_STYLES = {
  QUEUED: 'dim',
  RUNNING: 'cyan',
  SUCCEEDED: 'green',
  FAILED: 'red',
  CANCELLED: 'yellow',
} as const satisfies Record<JobStatus, Style>

/** What was recognised, or why nothing was; empty before the end. */
export function outcome({ result, error }: Job): string {
  const best = result?.classes[0]
  if (best) return `${best.label} ${Math.round(best.probability * 100)} %`
  return error ? `${error.title} (${error.code})` : ''
}

/** When it came into its present state, by the clock of this machine. */
export function changeTime({ endedAt, startedAt, queuedAt, status }: Job): Date {
  const start = status === 'QUEUED' ? null : startedAt
  return new Date(endedAt ?? start ?? queuedAt)
}

/** Date and time, as ISO 8601 but for the T, to the second. */
export function localTime(at: Date): string {
  const parts = [
    at.getFullYear(),
    at.getMonth() + 1,
    at.getDate(),
    at.getHours(),
    at.getMinutes(),
    at.getSeconds(),
  ]
  const [year, month, day, hour, minute, second] = parts.map((part) => String(part).padStart(2, '0'))
  return `${year}-${month}-${day} ${hour}:${minute}:${second}`
}
