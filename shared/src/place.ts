/** Where a job stands in a list: the time that the list is sorted by, then its id. Master and boards sort alike. */
import type { JobSort } from './vocabulary.ts'

export interface Place<Time extends string | number = string> {
  /** ISO 8601 in UTC with milliseconds, which compares as text; or milliseconds since 1970. */
  readonly time: Time
  readonly id: string
}

/** What a job's place is made of. */
export interface Placed {
  readonly id: string
  readonly submittedAt: string
  readonly endedAt: string | null
}

/** Null where it is in no such list: by the end, those that have not ended are not. */
export function placeOf({ id, submittedAt, endedAt }: Placed, sort: JobSort): Place | null {
  const time = sort.endsWith('submitted') ? submittedAt : endedAt
  return time === null ? null : { time, id }
}

/** Below zero where `a` stands before `b` in this order. */
export function comparePlaces<Time extends string | number>(
  a: Place<Time>,
  b: Place<Time>,
  sort: JobSort,
): number {
  const ascending = compare(a.time, b.time) || compare(a.id, b.id)
  return sort.startsWith('-') ? -ascending : ascending
}

function compare<T extends string | number>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0
}
