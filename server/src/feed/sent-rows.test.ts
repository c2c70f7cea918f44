/** What boards have to be told of a window, step by step. */
import { describe, expect, it } from 'vitest'
import { newJob } from '../../testing/store.ts'
import { changeOf } from '../store/change-log.ts'
import { type JobRecord, toRecord, toRow } from '../store/job-record.ts'
import { ListWindow, type WindowScope } from './list-window.ts'
import { SentRows } from './sent-rows.ts'

const NOW = 1_700_000_000_000

/** One that failed so many milliseconds after the others could. */
function failed(id: string, at: number, revision = at): JobRecord {
  const row = toRow(newJob(id, { revision }))
  return { ...toRecord(row), status: 'FAILED', endedAt: NOW + at }
}

/** Three rows of the jobs that ended, the first one first. */
function windowOf(jobs: readonly JobRecord[], changes: Partial<WindowScope> = {}): ListWindow {
  const scope: WindowScope = {
    conditions: {},
    sort: 'ended',
    after: null,
    limit: 3,
    top: null,
    maxAhead: 0,
    ...changes,
  }
  return new ListWindow(scope, { jobs, horizon: null, ahead: [] })
}

function idsOf(jobs: readonly JobRecord[]): string[] {
  return jobs.map(({ id }) => id)
}

const [A, B, C, D] = [failed('a', 1), failed('b', 2), failed('c', 3), failed('d', 4)]

/** All boards have been told of a window. */
function told(jobs: readonly JobRecord[]): { sent: SentRows; window: ListWindow } {
  const [sent, window] = [new SentRows(), windowOf(jobs)]
  sent.replace(window)
  return { sent, window }
}

function change(sent: SentRows, window: ListWindow, job: JobRecord | null, gone = ''): void {
  const made = job ? changeOf(job) : { id: gone, revision: 1000, batch: null, job: null }
  window.apply(made)
  sent.note(made, window)
}

describe('rows that boards are to be told of', () => {
  it('are all, at first', () => {
    const window = windowOf([A, B])
    const sent = new SentRows()
    expect(idsOf(sent.changedIn(window))).toEqual(['a', 'b'])
    expect(sent.lostFrom(window)).toEqual([])
  })

  it('are none once they have been told', () => {
    const { sent, window } = told([A, B, C, D])
    expect(sent.changedIn(window)).toEqual([])
    expect(sent.lostFrom(window)).toEqual([])
  })

  it('are those that changed, those that moved up, and those that left', () => {
    const { sent, window } = told([A, B, C, D])
    change(sent, window, { ...B, revision: 50 })
    change(sent, window, null, 'a')
    expect(idsOf(sent.changedIn(window))).toEqual(['b', 'd'])
    expect(sent.lostFrom(window)).toEqual(['a'])
    sent.replace(window)
    expect(sent.lostFrom(window)).toEqual([])
  })

  it('are not those that were pushed out, which boards drop by themselves', () => {
    const { sent, window } = told([A, B, C])
    change(sent, window, failed('0', 0, 50))
    expect(idsOf(sent.changedIn(window))).toEqual(['0'])
    expect(sent.lostFrom(window)).toEqual([])
  })

  it('leave their place before they come to another one', () => {
    const { sent, window } = told([A, B, C, D])
    change(sent, window, { ...A, revision: 50, endedAt: NOW + 10 })
    expect(idsOf(sent.changedIn(window))).toEqual(['d'])
    expect(sent.lostFrom(window)).toEqual(['a'])
    change(sent, window, { ...B, revision: 51, endedAt: NOW })
    expect(idsOf(sent.changedIn(window))).toEqual(['b', 'd'])
    expect(new Set(sent.lostFrom(window))).toEqual(new Set(['a', 'b']))
  })

  it('are not what was told before, and comes late', () => {
    const { sent, window } = told([failed('a', 1, 60), B])
    change(sent, window, null, 'never shown')
    change(sent, window, { ...A, revision: 30, status: 'QUEUED', endedAt: null })
    expect(sent.changedIn(window)).toEqual([])
    expect(sent.lostFrom(window)).toEqual([])
  })
})

describe('of a window that was read anew', () => {
  it('rows are named that are no more, though nobody has told of it', () => {
    const { sent } = told([A, B, C, D])
    const read = windowOf([A, C, D])
    expect(sent.lostFrom(read)).toEqual(['b'])
    expect(idsOf(sent.changedIn(read))).toEqual(['d'])
  })

  it('rows are named that have moved behind those that are shown, though nobody has told of it yet', () => {
    const { sent } = told([A, B, C, D])
    const moved = { ...A, revision: 50, endedAt: NOW + 10 }
    const read = windowOf([B, C, D, moved])
    expect(sent.lostFrom(read)).toEqual(['a'])
    expect(idsOf(sent.changedIn(read))).toEqual(['d'])
    sent.replace(read)
    change(sent, read, moved)
    expect(sent.lostFrom(read)).toEqual([])
  })

  it('none is named of which it knows nothing', () => {
    const { sent } = told([A, B, C])
    const [horizon] = [{ time: NOW + 2, id: 'b' }]
    const scope: WindowScope = {
      conditions: {},
      sort: 'ended',
      after: null,
      limit: 3,
      top: null,
      maxAhead: 0,
    }
    const read = new ListWindow(scope, { jobs: [A, B], horizon, ahead: [] })
    expect(sent.lostFrom(read)).toEqual([])
  })
})

describe('when one board alone has been told', () => {
  it('the others are still told of the rows, and it hears of those that leave before', () => {
    const { sent, window } = told([A, B])
    change(sent, window, C)
    sent.addFor(window)
    expect(idsOf(sent.changedIn(window))).toEqual(['c'])
    change(sent, window, { ...C, revision: 50, status: 'QUEUED', endedAt: null })
    expect(sent.changedIn(window)).toEqual([])
    expect(sent.lostFrom(window)).toEqual(['c'])
  })

  it('rows that the others know as they were are still told', () => {
    const { sent, window } = told([A, B])
    change(sent, window, { ...A, revision: 50 })
    sent.addFor(window)
    expect(idsOf(sent.changedIn(window))).toEqual(['a'])
  })
})
