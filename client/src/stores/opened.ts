/**
 * The job that is opened in detail. The address of the page names it, so that a reload keeps it, a link leads
 * to it and the browser's Back closes it.
 *
 * Its row is pushed like every other; its history is not, so the master is asked for it when the job is opened,
 * and once more with each change of the row.
 */
import type { Attempt, Job } from '@argus/shared'
import { create } from 'zustand'
import { Failure } from '../api/failure.ts'
import { fetchJob } from '../api/jobs.ts'
import { text } from '../text.ts'
import { useBoard } from './board.ts'

const ADDRESS = '#job='
/** Marks an entry of the browser's history that was made by opening a job here: the one before it is this page. */
const OPENED_HERE = 'opened-here'

interface Opened {
  readonly id: string | null
  /** Its latest known state; it stays when newer jobs push its row off the board, or the master removes it. */
  readonly job: Job | null
  /** All its attempts, the first of the first run first; null until they are known. */
  readonly history: readonly Attempt[] | null
  /** The master has it no more. */
  readonly removed: boolean
  /** Why it, or what has become of it, cannot be shown. */
  readonly failure: Failure | null
}

const NOTHING: Opened = { id: null, job: null, history: null, removed: false, failure: null }

export const useOpened = create<Opened>(() => NOTHING)

/** The request that is under way, and whether the job has changed since it was made. */
let reading: { outdated: boolean } | null = null

/** Starts to follow the address and the board; called once. */
export function startOpened(): void {
  window.addEventListener('popstate', followAddress)
  useBoard.subscribe(({ connection }, before) => {
    followBoard(connection.phase === 'live' && connection !== before.connection)
  })
  followAddress()
}

export function openJob(id: string): void {
  history.pushState(OPENED_HERE, '', ADDRESS + id)
  followAddress()
}

export function closeJob(): void {
  if (useOpened.getState().id === null) return
  if (history.state === OPENED_HERE) {
    history.back()
  } else {
    history.replaceState(null, '', location.pathname)
    followAddress()
  }
}

/** Takes in how the master left the job that it was asked to change, where that is not pushed. */
export function followAnswer(job: Job): void {
  if (job.id !== useOpened.getState().id || rowOf(job.id) !== undefined) return
  useOpened.setState({ job })
  void readOpened()
}

/** Asks the master for the opened job. What changes meanwhile is asked for afterwards, once. */
export async function readOpened(): Promise<void> {
  const { id, removed } = useOpened.getState()
  if (id === null || removed) return
  if (reading !== null) {
    reading.outdated = true
    return
  }
  const mine = { outdated: false }
  reading = mine
  const found = await read(id)
  // Another one has been opened since.
  if (reading !== mine) return
  reading = null
  useOpened.setState(found)
  if (mine.outdated) await readOpened()
}

async function read(id: string): Promise<Partial<Opened>> {
  try {
    const { history, ...job } = await fetchJob(id)
    // A row is as new or newer, or a newer one is on its way.
    return { job: rowOf(id) ?? job, history, failure: null }
  } catch (error) {
    const failure = error instanceof Failure ? error : new Failure(text.failures.refused)
    const wasThere = useOpened.getState().job !== null
    return wasThere && failure.code === 'job/not-found' ? { removed: true } : { failure }
  }
}

function followAddress(): void {
  const id = location.hash.startsWith(ADDRESS) ? location.hash.slice(ADDRESS.length) : null
  if (id === useOpened.getState().id) return
  reading = null
  useOpened.setState({ ...NOTHING, id })
  if (useBoard.getState().board !== null) followBoard(true)
}

/** @param anew nobody told so far what became of a job that is not on the board */
function followBoard(anew: boolean): void {
  const { id, job, removed } = useOpened.getState()
  if (id === null || removed) return
  const row = rowOf(id)
  if (job !== null && useBoard.getState().board?.removed.includes(id)) {
    useOpened.setState({ removed: true })
  } else if (row === undefined ? anew : row !== job) {
    if (row !== undefined) useOpened.setState({ job: row })
    void readOpened()
  }
}

function rowOf(id: string): Job | undefined {
  return useBoard.getState().board?.jobs.find((job) => job.id === id)
}
