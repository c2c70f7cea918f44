/** What the master pushes of single things that a page shows: a job, a batch, the machines, the activity. */
import type { News, Refusal, Subject } from '@argus/shared'
import { useEffect } from 'react'
import { create } from 'zustand'

export type NewsOf<Of extends Subject['of']> = Extract<News, { of: Of }>

interface Watched {
  /** The latest state; null until the first one. */
  readonly news: News | null
  /** Why there is none. */
  readonly refusal: Refusal | null
}

/** By `subjectKey`. */
const useSubjects = create<Readonly<Record<string, Watched>>>(() => ({}))

const UNKNOWN: Watched = { news: null, refusal: null }

interface Watcher {
  watch(subject: Subject): void
  unwatch(subject: Subject): void
}

let watcher: Watcher = { watch: () => undefined, unwatch: () => undefined }
/** How many components show each. */
const watched = new Map<string, { subject: Subject; watchers: number }>()

/** Sets who asks the master; once. */
export function onWatch(asker: Watcher): void {
  watcher = asker
}

/** All that is to be asked for anew after a reconnect. */
export function watchedSubjects(): Subject[] {
  return [...watched.values()].map(({ subject }) => subject)
}

export function acceptNews(news: News): void {
  const key = subjectKey(news)
  if (watched.has(key)) useSubjects.setState({ [key]: { news, refusal: null } })
}

export function acceptRefusal(subject: Subject, refusal: Refusal): void {
  const key = subjectKey(subject)
  if (watched.has(key)) useSubjects.setState({ [key]: { news: null, refusal } })
}

/**
 * The latest state of a subject, pushed for as long as the component is there.
 *
 * @returns `news` null until it is known, `refusal` why it cannot be
 */
export function useSubject<Of extends Subject['of']>(
  subject: Extract<Subject, { of: Of }>,
): { readonly news: NewsOf<Of> | null; readonly refusal: Refusal | null } {
  const key = subjectKey(subject)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key says all of the subject
  useEffect(() => follow(subject), [key])
  const { news, refusal } = useSubjects((store) => store[key] ?? UNKNOWN)
  return { news: isOf(news, subject.of) ? news : null, refusal }
}

function isOf<Of extends Subject['of']>(news: News | null, of: Of): news is NewsOf<Of> {
  return news?.of === of
}

function follow(subject: Subject): () => void {
  const key = subjectKey(subject)
  const entry = watched.get(key) ?? { subject, watchers: 0 }
  entry.watchers += 1
  watched.set(key, entry)
  if (entry.watchers === 1) watcher.watch(subject)
  return () => {
    entry.watchers -= 1
    if (entry.watchers > 0) return
    watched.delete(key)
    watcher.unwatch(subject)
    useSubjects.setState({ [key]: UNKNOWN })
  }
}

function subjectKey(subject: Subject | News): string {
  switch (subject.of) {
    case 'job':
    case 'batch':
      return `${subject.of} ${subject.id}`
    case 'activity':
      return `${subject.of} ${subject.minutes}`
    case 'machines':
      return subject.of
  }
}
