/** The opened job: when its history is asked for, and what becomes of it when the master removes it. */
import type { Frame, Job, JobCounts, JobDetail, Snapshot } from '@argus/shared'
import { beforeEach, expect, test, vi } from 'vitest'
import { makeJob } from '../../testing/job.ts'
import { acceptFrame, acceptSnapshot, useBoard } from './board.ts'
import { closeJob, followAnswer, openJob, readOpened, startOpened, useOpened } from './opened.ts'

const ID = '00000000-0000-4000-8000-000000000001'
const ELSEWHERE = '00000000-0000-4000-8000-000000000002'
const counts: JobCounts = { QUEUED: 1, RUNNING: 0, SUCCEEDED: 0, FAILED: 0, CANCELLED: 0 }

const followers: Array<() => void> = []
const place = { hash: '', pathname: '/' }
vi.stubGlobal('window', { addEventListener: (_type: string, follow: () => void) => followers.push(follow) })
vi.stubGlobal('location', place)
vi.stubGlobal('history', {
  state: null,
  pushState: (_state: unknown, _title: string, address: string) => {
    place.hash = address
  },
  replaceState: () => {
    place.hash = ''
  },
})
startOpened()

/** Requests that wait for their answer, by address. */
let asked: Array<{ path: string; answer: (response: Response) => void }>
let seq = 0

beforeEach(() => {
  closeJob()
  asked = []
  vi.stubGlobal('fetch', (path: string) => new Promise<Response>((answer) => asked.push({ path, answer })))
  useBoard.setState({ board: null, connection: { phase: 'connecting', since: 0 } })
})

const attempt = (number: number): JobDetail['history'][number] => ({
  run: 1,
  number,
  worker: 'attic',
  engine: null,
  model: null,
  startedAt: '2025-01-01T00:00:01.000Z',
  endedAt: null,
  end: null,
  error: null,
})

/** A board is connected, with these rows. */
function connect(...jobs: Job[]): void {
  const storage = { database: 'ok', disk: 'ok' } as const
  const cluster: Snapshot['cluster'] = { ready: false, storage, model: { state: 'resolving' }, workers: [] }
  seq = 0
  expect(acceptSnapshot({ bootId: 'one', seq, counts, cluster, jobs }, [])).toBe(true)
}

function push(change: Partial<Frame>): void {
  seq += 1
  acceptFrame({ bootId: 'one', seq, counts, jobs: [], removed: [], ...change })
}

/** Answers the oldest request that waits. */
async function answer(body: unknown, status = 200): Promise<void> {
  asked.shift()?.answer(new Response(JSON.stringify(body), { status }))
  // Reading the body takes a few turns.
  await new Promise((resolve) => setTimeout(resolve, 5))
}

const detail = (job: Job, ...history: JobDetail['history']): JobDetail => ({ ...job, history })
const paths = () => asked.map(({ path }) => path)
const numbers = () => useOpened.getState().history?.map(({ number }) => number)

test('a job on the board is shown at once, and its history is asked for once', async () => {
  connect(makeJob(ID))
  openJob(ID)
  expect(useOpened.getState()).toMatchObject({ job: makeJob(ID), history: null })
  expect(paths()).toEqual([`/api/v1/jobs/${ID}`])
  await answer(detail(makeJob(ID), attempt(1)))
  expect(numbers()).toEqual([1])
  push({ counts: { ...counts, RUNNING: 3 } })
  push({ jobs: [makeJob(ID, { id: ELSEWHERE })] })
  expect(paths()).toEqual([])
})

test('a change of its row asks for its history once more', async () => {
  connect(makeJob(ID))
  openJob(ID)
  await answer(detail(makeJob(ID)))
  const running = makeJob(ID, { status: 'RUNNING', attempts: 1 })
  push({ jobs: [running] })
  expect(useOpened.getState().job).toBe(running)
  expect(paths()).toHaveLength(1)
  await answer(detail(running, attempt(1)))
  expect(numbers()).toEqual([1])
  expect(paths()).toEqual([])
})

test('changes that come while it is asked for make one more request, not several', async () => {
  connect(makeJob(ID))
  openJob(ID)
  for (const attempts of [1, 2, 3]) push({ jobs: [makeJob(ID, { attempts })] })
  expect(paths()).toHaveLength(1)
  await answer(detail(makeJob(ID)))
  expect(paths()).toHaveLength(1)
  await answer(detail(makeJob(ID, { attempts: 3 }), attempt(1), attempt(2), attempt(3)))
  expect(numbers()).toEqual([1, 2, 3])
  expect(paths()).toEqual([])
})

test('an answer that is older than the pushed row does not replace it', async () => {
  connect(makeJob(ID))
  openJob(ID)
  const running = makeJob(ID, { status: 'RUNNING', attempts: 1 })
  push({ jobs: [running] })
  await answer(detail(makeJob(ID)))
  expect(useOpened.getState().job).toBe(running)
  // Nor does what the master answered to a request to change it.
  followAnswer(makeJob(ID))
  expect(useOpened.getState().job).toBe(running)
})

test('a job that is not on the board is asked for, and again at each new connection', async () => {
  connect(makeJob(ID, { id: ELSEWHERE }))
  openJob(ID)
  expect(useOpened.getState().job).toBeNull()
  await answer(detail(makeJob(ID)))
  expect(useOpened.getState().job).toEqual(makeJob(ID))
  connect(makeJob(ID, { id: ELSEWHERE }))
  expect(paths()).toHaveLength(1)
})

test('nothing is asked for before there is a board', async () => {
  openJob(ID)
  expect(paths()).toEqual([])
  connect(makeJob(ID))
  expect(paths()).toHaveLength(1)
})

test('the answer for a job that was closed meanwhile is dropped', async () => {
  connect(makeJob(ID), makeJob(ID, { id: ELSEWHERE }))
  openJob(ID)
  openJob(ELSEWHERE)
  expect(paths()).toEqual([`/api/v1/jobs/${ID}`, `/api/v1/jobs/${ELSEWHERE}`])
  await answer(detail(makeJob(ID), attempt(1)))
  expect(useOpened.getState()).toMatchObject({ id: ELSEWHERE, history: null })
  await answer(detail(makeJob(ID, { id: ELSEWHERE }), attempt(2)))
  expect(numbers()).toEqual([2])
})

test('a job that is removed stays as it was last known, and is asked for no more', async () => {
  connect(makeJob(ID))
  openJob(ID)
  await answer(detail(makeJob(ID), attempt(1)))
  push({ removed: [ELSEWHERE] })
  expect(useOpened.getState().removed).toBe(false)
  push({ removed: [ID], counts: { ...counts, QUEUED: 0 } })
  expect(useOpened.getState()).toMatchObject({ job: makeJob(ID), removed: true })
  expect(numbers()).toEqual([1])
  await readOpened()
  expect(paths()).toEqual([])
})

test('it is found out as well where nobody told', async () => {
  connect(makeJob(ID))
  openJob(ID)
  await answer(detail(makeJob(ID), attempt(1)))
  connect()
  await answer({ title: 'There is no such job', code: 'job/not-found' }, 404)
  expect(useOpened.getState()).toMatchObject({ job: makeJob(ID), removed: true, failure: null })
})

test('a job that never was is a failure', async () => {
  connect()
  openJob(ID)
  await answer({ title: 'There is no such job', code: 'job/not-found' }, 404)
  expect(useOpened.getState()).toMatchObject({ job: null, removed: false })
  expect(useOpened.getState().failure?.title).toBe('There is no such job')
})

test('a history that cannot be read now is a failure until it can', async () => {
  connect(makeJob(ID))
  openJob(ID)
  await answer({ title: 'The database cannot be reached just now', code: 'store/unavailable' }, 503)
  expect(useOpened.getState()).toMatchObject({ job: makeJob(ID), removed: false, history: null })
  expect(useOpened.getState().failure?.code).toBe('store/unavailable')
  void readOpened()
  await answer(detail(makeJob(ID), attempt(1)))
  expect(useOpened.getState().failure).toBeNull()
  expect(numbers()).toEqual([1])
})
