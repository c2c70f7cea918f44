/** Where the rows are on the page and which of them can be seen, from their height alone. */

/** Room that is left below a row that is scrolled to, for what lies over the page. */
const BELOW = 96

export interface Screen {
  /** Where on the page the first row begins, in pixels. */
  readonly top: number
  /** The rows that can be seen, at least in part. */
  readonly first: number
  readonly last: number
  /** All of the first row can be seen. */
  readonly isAtTop: boolean
}

export function screenOf(body: HTMLTableSectionElement, rowHeight: number): Screen {
  const { top } = body.getBoundingClientRect()
  const covered = coveredBy(body)
  return {
    top: top + window.scrollY,
    first: Math.max(0, Math.floor((covered - top) / rowHeight)),
    last: Math.max(0, Math.ceil((window.innerHeight - top) / rowHeight) - 1),
    isAtTop: top >= covered - 1,
  }
}

/** Scrolls so far that all of this row can be seen. */
export function scrollToRow(body: HTMLTableSectionElement, rowHeight: number, place: number): void {
  const { top } = body.getBoundingClientRect()
  const [begin, end] = [top + place * rowHeight, top + (place + 1) * rowHeight]
  const covered = coveredBy(body)
  const room = window.innerHeight - BELOW
  if (begin < covered) window.scrollBy({ top: begin - covered, behavior: 'instant' })
  else if (end > room) window.scrollBy({ top: end - room, behavior: 'instant' })
}

/** What stays at the top of the window hides so much of the page. */
function coveredBy(body: HTMLTableSectionElement): number {
  const header = document.querySelector('header')?.offsetHeight ?? 0
  const columns = body.parentElement?.querySelector('thead')?.offsetHeight ?? 0
  return header + columns
}
