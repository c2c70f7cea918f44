/** For which of the jobs that are marked an action makes sense, and what is said of those that were refused. */
import { afterEach, expect, test, vi } from 'vitest'
import { idOf, makeRow } from '../../testing/job.ts'
import { meantBy, runBulk, useBulk } from './bulk.ts'
import { select, useSelection } from './selection.ts'

const rows = [
  makeRow(1),
  makeRow(2, { status: 'RUNNING' }),
  makeRow(3, { status: 'SUCCEEDED' }),
  makeRow(4, { status: 'FAILED' }),
  makeRow(5, { status: 'CANCELLED' }),
]

afterEach(() => vi.unstubAllGlobals())

test('what has ended can be retried, what has not can be cancelled, all can be deleted', () => {
  const names = (action: Parameters<typeof meantBy>[0]) =>
    meantBy(action, rows).map(({ fileName }) => fileName)
  expect(names('retry')).toEqual(['3.png', '4.png', '5.png'])
  expect(names('cancel')).toEqual(['1.png', '2.png'])
  expect(names('delete')).toHaveLength(5)
})

test('a few at a time, and what is refused stays marked and is told with its reason', async () => {
  let atOnce = 0
  let most = 0
  const refused = new Set([idOf(3), idOf(7)])
  const request = async (path: string) => {
    atOnce += 1
    most = Math.max(most, atOnce)
    await new Promise((resolve) => setTimeout(resolve, 1))
    atOnce -= 1
    const isRefused = [...refused].some((id) => path.includes(id))
    return isRefused ? new Response('{"title":"It has ended"}', { status: 409 }) : new Response('{}')
  }
  vi.stubGlobal('fetch', request)
  const many = Array.from({ length: 12 }, (_, number) => makeRow(number))
  select(many)
  await runBulk('cancel', many)
  expect(most).toBe(4)
  expect([...useSelection.getState().selected.keys()]).toEqual([...refused])
  const { running, note } = useBulk.getState()
  expect(running).toBeNull()
  expect(note).toEqual({
    words: '10 jobs were cancelled. 2 were refused: It has ended (2).',
    isRefused: true,
  })
})
