/** A number with the right form of its noun. */
import { formatCount } from '../format.ts'

/** `plural(2, 'worker', 'workers')` → `2 workers` */
export function plural(count: number, one: string, many: string): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`
}
