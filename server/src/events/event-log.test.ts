import { describe, expect, it, vi } from 'vitest'
import { newJob } from '../../testing/store.ts'
import { until } from '../../testing/until.ts'
import { toJob } from '../jobs/job-view.ts'
import { changeOf, type JobChange } from '../store/change-log.ts'
import { toRecord, toRow } from '../store/job-record.ts'
import { EventLog, eventText, JobEvent } from './event-log.ts'

/** That a job was removed: the smallest change. */
function removal(revision: number, id = `job-${revision}`, batch: string | null = null): JobChange {
  return { revision, id, batch, job: null }
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => from + at)
}

function revisionsOf(events: readonly JobEvent[] | null): number[] | undefined {
  return events?.map(({ change }) => change.revision)
}

describe('an event', () => {
  it('is sent as server-sent events are', () => {
    const record = toRecord(toRow(newJob('a', { revision: 12, fileName: 'two\nlines' })))
    expect(new JobEvent(changeOf(record)).text).toBe(
      `id: 12\nevent: job\ndata: ${JSON.stringify(toJob(record))}\n\n`,
    )
    expect(new JobEvent(removal(13, 'a', 'batch')).text).toBe(
      'id: 13\nevent: removed\ndata: {"id":"a","batch":"batch"}\n\n',
    )
    expect(eventText('removed', { id: 'b', batch: null })).toBe(
      'event: removed\ndata: {"id":"b","batch":null}\n\n',
    )
  })

  it('is of everything, of its batch and of its job', () => {
    const event = new JobEvent(removal(1, 'a', 'batch'))
    const inAll = [{}, { batch: 'batch' }, { job: 'a' }, { batch: 'batch', job: 'a' }]
    expect(inAll.filter((scope) => !event.isIn(scope))).toEqual([])
    const inNone = [
      { batch: 'other' },
      { job: 'b' },
      { batch: 'batch', job: 'b' },
      { batch: 'other', job: 'a' },
    ]
    expect(inNone.filter((scope) => event.isIn(scope))).toEqual([])
    expect(new JobEvent(removal(1, 'a')).isIn({ batch: 'batch' })).toBe(false)
  })
})

describe('the log of events', () => {
  it('has what came after a revision, so many at most', () => {
    const log = new EventLog(10)
    log.append([removal(11), removal(14)], 15)
    log.append([removal(16), removal(20)], 20)
    expect(revisionsOf(log.after(10, 100))).toEqual([11, 14, 16, 20])
    expect(revisionsOf(log.after(11, 2))).toEqual([14, 16])
    // Also of one that no change has.
    expect(revisionsOf(log.after(12, 100))).toEqual([14, 16, 20])
    expect(revisionsOf(log.after(19, 100))).toEqual([20])
    expect(log.after(20, 100)).toEqual([])
    expect(log.after(99, 100)).toEqual([])
  })

  it('does not have what was before its begin', () => {
    const log = new EventLog(10)
    expect(log.after(10, 100)).toEqual([])
    expect(log.after(9, 100)).toBeNull()
    log.append([removal(11)], 11)
    expect(log.after(9, 100)).toBeNull()
  })

  it('ends where it was told that it ends, also where nothing has changed up to there', () => {
    const log = new EventLog(10)
    expect(log.end).toBe(10)
    log.append([removal(11)], 15)
    expect(log.end).toBe(15)
    log.append([], 18)
    expect(log.end).toBe(18)
    expect(revisionsOf(log.after(10, 100))).toEqual([11])
  })

  it('forgets the oldest, and owns to it', () => {
    const log = new EventLog(0)
    const last = 30_000
    for (let end = 250; end <= last; end += 250) {
      log.append(
        range(end - 249, end).map((revision) => removal(revision)),
        end,
      )
      // Whatever it says it has, it has without a gap.
      const known = log.after(Math.max(0, end - 2000), last)
      expect(known?.length).toBe(Math.min(end, 2000))
    }
    const first = range(0, last).find((revision) => log.after(revision, 1) !== null) ?? Number.NaN
    // Not for ever more.
    expect(first).toBeGreaterThan(last - 5000)
    expect(revisionsOf(log.after(first, last))).toEqual(range(first + 1, last))
  })

  it('calls back at once while there is little to tell, and not for each of many, but after the last', async () => {
    const log = new EventLog(0)
    const ends: number[] = []
    log.onAppend(() => ends.push(log.end))
    for (let end = 1; end <= 100; end += 1) log.append([removal(end)], end)
    expect(ends).toEqual([1])
    await until(() => expect(ends).toEqual([1, 100]))
  })

  it('calls back whenever there is more, until that is ended', async () => {
    const log = new EventLog(0)
    const [kept, ended] = [vi.fn(), vi.fn()]
    log.onAppend(kept)
    const end = log.onAppend(ended)
    log.append([removal(1)], 1)
    expect(ended).toHaveBeenCalledTimes(1)
    end()
    log.append([], 2)
    await until(() => expect(kept).toHaveBeenCalledTimes(2))
    expect(ended).toHaveBeenCalledTimes(1)
  })
})
