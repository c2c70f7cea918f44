/**
 * The job that is opened in detail. The address of the page names it, so that a reload keeps it, a link leads
 * to it and the browser's Back closes it.
 */
import type { Job } from '@argus/shared'
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
  /** Its latest known state; it stays when newer jobs push its row off the board. */
  readonly job: Job | null
  /** Why it cannot be shown. */
  readonly failure: Failure | null
}

const NOTHING: Opened = { id: null, job: null, failure: null }

export const useOpened = create<Opened>(() => NOTHING)

/** Whether the master was asked for the opened job, because the board does not have it. */
let asked = false

/** Starts to follow the address and the board; called once. */
export function startOpened(): void {
  window.addEventListener('popstate', followAddress)
  useBoard.subscribe(followBoard)
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

/** Asks the master for the opened job. */
export async function fetchOpened(): Promise<void> {
  const { id } = useOpened.getState()
  if (id === null) return
  asked = true
  const found: Partial<Opened> = await fetchJob(id).then(
    (job) => ({ job, failure: null }),
    (error) => ({ failure: error instanceof Failure ? error : new Failure(text.failures.refused) }),
  )
  if (useOpened.getState().id !== id) return
  useOpened.setState(found)
  // What was pushed meanwhile is newer.
  followBoard()
}

function followAddress(): void {
  const id = location.hash.startsWith(ADDRESS) ? location.hash.slice(ADDRESS.length) : null
  if (id === useOpened.getState().id) return
  asked = false
  useOpened.setState({ ...NOTHING, id })
  followBoard()
}

function followBoard(): void {
  const { board } = useBoard.getState()
  const { id, job } = useOpened.getState()
  if (id === null || board === null) return
  const row = board.jobs.find((candidate) => candidate.id === id)
  if (row === undefined) {
    if (job === null && !asked) void fetchOpened()
  } else if (row !== job) {
    useOpened.setState({ job: row, failure: null })
  }
}
