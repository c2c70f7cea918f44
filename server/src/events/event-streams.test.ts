import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { FakeSink, openEvents, openJobs, submitPhoto } from '../../testing/unit.ts'
import { EventStreams } from './event-streams.ts'

/** Milliseconds in which even a machine under load gets there. */
const PATIENT = 20_000

const FROM_NOW = { after: undefined, isResumed: false }

async function open() {
  const parts = await openJobs()
  const events = openEvents(parts)
  const streams = new EventStreams(events.log, events.changes)
  onTestFinished(() => streams.stop())
  const follow = (after?: number) => {
    const sink = new FakeSink()
    return { sink, ended: streams.follow(sink, {}, { after, isResumed: false }) }
  }
  return { parts, events, streams, follow }
}

const until = (check: () => void) => vi.waitFor(check, { timeout: PATIENT, interval: 5 })

describe('the streams of events', () => {
  it('are counted until their clients go', async () => {
    const { streams, follow } = await open()
    expect(streams.size).toBe(0)
    const [first, second] = [follow(), follow()]
    expect(streams.size).toBe(2)
    first.sink.close()
    await first.ended
    expect(streams.size).toBe(1)
    expect(second.sink.isOpen).toBe(true)
  })

  it('begin behind a revision, or with what changes from now on', async () => {
    const { parts, events, follow } = await open()
    const first = await submitPhoto(parts)
    const second = await submitPhoto(parts)
    await until(() => expect(events.log.end).toBe(second.revision))
    const [all, behind, fromNow] = [follow(0), follow(first.revision), follow()]
    const third = await submitPhoto(parts)
    await until(() => expect(all.sink.ids).toHaveLength(3))
    await until(() => expect(behind.sink.ids).toEqual([second.revision, third.revision]))
    await until(() => expect(fromNow.sink.ids).toEqual([third.revision]))
  })

  it('end what has nothing left to follow, and close it', async () => {
    const { parts, events, streams } = await open()
    const job = await submitPhoto(parts)
    await until(() => expect(events.log.end).toBe(job.revision))
    const sink = new FakeSink()
    const ended = streams.follow(sink, { job: job.id }, FROM_NOW)
    await parts.jobs.delete(job.id)
    await ended
    expect(sink.isOpen).toBe(false)
    expect(sink.events.map(({ name }) => name)).toEqual(['removed'])
    expect(streams.size).toBe(0)
  })

  it('let go of one that cannot be told', async () => {
    const { streams } = await open()
    const summary = { make: () => Promise.reject(new Error('The database is away')) }
    const ended = streams.follow(new FakeSink(), {}, FROM_NOW, summary)
    await expect(ended).rejects.toThrow('The database is away')
    expect(streams.size).toBe(0)
  })

  it('are as many as the master can bear', async () => {
    const { streams, follow } = await open()
    const open1000 = Array.from({ length: 1000 }, () => {
      streams.assertRoom()
      return follow()
    })
    const full = expect.objectContaining({ code: 'events/too-many-streams' })
    expect(() => streams.assertRoom()).toThrow(full)
    open1000[500]?.sink.close()
    await open1000[500]?.ended
    streams.assertRoom()
  })

  it('are all let go when the master stops, and none is opened any more', async () => {
    const { streams, follow } = await open()
    // Also those that have only just come.
    const all = [follow(), follow(), follow()]
    const stoppedAt = performance.now()
    streams.stop()
    await Promise.all(all.map(({ ended }) => ended))
    expect(performance.now() - stoppedAt).toBeLessThan(1000)
    expect(all.map(({ sink }) => sink.isOpen)).toEqual([false, false, false])
    expect(streams.size).toBe(0)
    expect(() => streams.assertRoom()).toThrow(expect.objectContaining({ code: 'events/too-many-streams' }))
  })
})
