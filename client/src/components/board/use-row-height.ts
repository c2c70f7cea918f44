/** How high a row is: all are, so that where each stands is known without drawing it. */
import { useSyncExternalStore } from 'react'

/** From here on the jobs are a table, below it cards: Tailwind's `lg`. */
const isTable = matchMedia('(width >= 64rem)')
/** In `rem`; job-row.tsx has the same as `lg:h-14` and `max-lg:h-30`. */
const HEIGHTS = { row: 3.5, card: 7.5 }

/** In pixels. */
export function useRowHeight(): number {
  const rem = useSyncExternalStore(subscribe, () => (isTable.matches ? HEIGHTS.row : HEIGHTS.card))
  return rem * Number.parseFloat(getComputedStyle(document.documentElement).fontSize)
}

function subscribe(change: () => void): () => void {
  isTable.addEventListener('change', change)
  return () => isTable.removeEventListener('change', change)
}
