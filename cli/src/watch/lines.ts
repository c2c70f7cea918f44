/** What `argus watch` prints of an event. */
import type { StreamEvent } from '../api/events.ts'
import { changeTime, localTime, outcome, STATUS_STYLES } from '../output/job-text.ts'
import { type Paint, printable } from '../output/text.ts'

/** `CANCELLED`, the longest. */
const STATUS_WIDTH = 9

/** @returns a line for a person; null where no job has changed */
export function eventLine(event: StreamEvent, paint: Paint): string | null {
  if (event.event === 'removed') return paint('dim', `${localTime(new Date())}  DELETED    ${event.data.id}`)
  if (event.event !== 'job') return null
  const job = event.data
  const parts = [
    paint('dim', localTime(changeTime(job))),
    paint(STATUS_STYLES[job.status], job.status.padEnd(STATUS_WIDTH)),
    printable(job.fileName),
    printable(outcome(job)),
    paint('dim', printable(job.worker ?? '')),
  ]
  return parts.filter((part) => part !== '').join('  ')
}

/** @returns a line for a program */
export function eventJson({ event, id, data }: StreamEvent): string {
  return JSON.stringify({ event, id, data })
}
