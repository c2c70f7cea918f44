/** When boards are told of the cluster, with the parts of a real master. */
import { describe, expect, it } from 'vitest'
import { aWorker, startFeed } from '../../testing/board.ts'
import { DIGEST } from '../../testing/unit.ts'
import { ClusterNews } from './cluster-news.ts'

async function openNews() {
  const parts = await startFeed()
  return { ...parts, news: new ClusterNews(parts.cluster) }
}

describe('boards are told of the cluster', () => {
  it('at first, and then not while nothing changes', async () => {
    const { news, cluster } = await openNews()
    expect(news.wait(1000)).toBe(0)
    expect(news.take(1000)).toBe(cluster.view())
    expect(news.wait(1000)).toBeNull()
    expect(news.wait(1_000_000)).toBeNull()
  })

  it('at once when a worker comes, is ready, drains or goes', async () => {
    const { news, workers } = await openNews()
    const worker = aWorker()
    const serving = { digest: DIGEST, engine: 'tfjs-wasm', imagesPerSecond: 9 } as const
    news.take(1000)
    for (const change of [
      () => workers.add(worker),
      () => workers.update(worker, { serving }),
      () => workers.update(worker, { draining: true }),
      () => workers.add(aWorker({ id: 'another one' })),
      () => workers.remove(worker),
    ]) {
      change()
      expect(news.wait(1001)).toBe(0)
      news.take(1001)
      expect(news.wait(1001)).toBeNull()
    }
  })

  it('at once when the disk is full', async () => {
    const { news, disk } = await openNews()
    news.take(1000)
    disk.noteFull()
    expect(news.wait(1000)).toBe(0)
  })

  it('of how busy the workers are, twice a second', async () => {
    const { news, workers } = await openNews()
    const worker = aWorker()
    workers.add(worker)
    news.take(1000)
    workers.update(worker, { held: 1 })
    expect(news.wait(1000)).toBe(500)
    expect(news.wait(1400)).toBe(100)
    expect(news.wait(1500)).toBe(0)
    expect(news.wait(9000)).toBe(0)
    expect(news.take(1500).workers).toMatchObject([{ held: 1 }])
    workers.update(worker, { held: 2 })
    expect(news.wait(1600)).toBe(400)
  })
})
