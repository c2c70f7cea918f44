/** Numbers, sizes and times as the web app writes them. */

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const count = new Intl.NumberFormat('en')
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })
const instant = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' })

/** `12345` → `12,345` */
export function formatCount(value: number): string {
  return count.format(value)
}

/** `1234567` → `1.2 MB`; units of 1000, as the file managers of most systems count. */
export function formatBytes(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`
  // What would be rounded to 1000 belongs to the next unit.
  if (bytes < 999_500) return `${Math.round(bytes / 1_000)} kB`
  const [value, unit] = bytes < 999_950_000 ? [bytes / 1e6, 'MB'] : [bytes / 1e9, 'GB']
  return `${value.toFixed(1)} ${unit}`
}

/** `0.9234` → `92.3%` */
export function formatPercent(share: number): string {
  return share > 0 && share < 0.0005 ? '<0.1%' : `${(share * 100).toFixed(1)}%`
}

/** `7.432` → `7.4`, `123.4` → `123`: what is faster is measured no more exactly. */
export function formatRate(perSecond: number): string {
  return perSecond < 99.95 ? perSecond.toFixed(1) : formatCount(Math.round(perSecond))
}

/** A span in whole seconds, for what is ticking: `125300` → `2 min 5 s`. Never below zero. */
export function formatElapsed(ms: number): string {
  const span = Math.max(0, ms)
  const whole = (unit: number, within: number) => Math.floor((span % within) / unit)
  if (span < MINUTE) return `${whole(SECOND, MINUTE)} s`
  if (span < HOUR) return `${whole(MINUTE, HOUR)} min ${whole(SECOND, MINUTE)} s`
  if (span < DAY) return `${whole(HOUR, DAY)} h ${whole(MINUTE, HOUR)} min`
  return `${Math.floor(span / DAY)} d ${whole(HOUR, DAY)} h`
}

/** A span that is over: `340` → `340 ms`, `3420` → `3.4 s`, `34200` → `34 s`. */
export function formatDuration(ms: number): string {
  const span = Math.max(0, ms)
  if (span < 999.5) return `${Math.round(span)} ms`
  return span < 9_950 ? `${(span / SECOND).toFixed(1)} s` : formatElapsed(span)
}

/** How long ago something was, in its largest unit: `125000` → `2 min ago`. */
export function formatAgo(ms: number): string {
  if (ms < SECOND) return 'just now'
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s ago`
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min ago`
  if (ms < DAY) return `${Math.floor(ms / HOUR)} h ago`
  return `${Math.floor(ms / DAY)} d ago`
}

/** Milliseconds between two instants; the later one may be a clock's reading. */
export function spanBetween(from: string, to: string | number): number {
  return (typeof to === 'number' ? to : Date.parse(to)) - Date.parse(from)
}

/** The time of day: `12:03`. */
export function formatClock(epoch: number): string {
  return clock.format(epoch)
}

/** The exact time, for a hover: `22 Nov 2025, 12:03:07`. */
export function formatInstant(iso: string): string {
  return instant.format(Date.parse(iso))
}
