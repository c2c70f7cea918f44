/** A subject whose state is a number, by a clock of the test's own. */
import type { News } from '@argus/shared'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Board, BoardMessage } from './board-room.ts'
import { type SubjectSource, SubjectWatch } from './subject-watch.ts'

const REST_MS = 100

class NewsBoard implements Board {
  readonly isLagging = false
  isInside = false
  readonly got: News[] = []

  join(): void {
    this.isInside = true
  }

  leave(): void {
    this.isInside = false
  }

  send({ event, data }: BoardMessage): void {
    if (event === 'news') this.got.push(data)
  }

  onceDrained(): void {}
}

/** News that differ by their number, which stands in the place of an id. */
function newsOf(number: number): News {
  return { of: 'job', id: String(number), job: null }
}

/** A subject whose state is a number, which whoever changes it counts up. */
function openWatch(isSteady = false) {
  const boards = new Set<NewsBoard>()
  const state = { number: 0 }
  const make = vi.fn<SubjectSource['make']>(async () => newsOf(state.number))
  const onError = vi.fn()
  const source = { make, restMs: REST_MS, isSteady }
  const watch = new SubjectWatch(
    'a subject',
    source,
    (_room, message) => {
      for (const board of boards) if (board.isInside) board.send(message)
    },
    onError,
  )
  const open = async (isWanted = () => true) => {
    const board = new NewsBoard()
    boards.add(board)
    return { board, first: await watch.open(board, isWanted) }
  }
  const change = () => {
    state.number += 1
    watch.note()
  }
  return { watch, state, make, onError, open, change }
}

function numbersOf({ got }: NewsBoard): number[] {
  return got.map((news) => ('id' in news ? Number(news.id) : Number.NaN))
}

function pass(milliseconds: number): Promise<unknown> {
  return vi.advanceTimersByTimeAsync(milliseconds)
}

beforeEach(() => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
})

describe('a subject', () => {
  it('is told to a board that begins to watch, and at once when it changes', async () => {
    const { open, change } = openWatch()
    const { board, first } = await open()
    expect(first).toEqual(newsOf(0))
    await pass(REST_MS)
    change()
    await pass(0)
    expect(numbersOf(board)).toEqual([1])
  })

  it('is made no more often than it is worth, and ends with its latest state', async () => {
    const { open, change, make } = openWatch()
    const { board } = await open()
    for (let made = 0; made < 100; made += 1) {
      change()
      await pass(REST_MS / 10)
    }
    await pass(REST_MS * 2)
    expect(numbersOf(board).at(-1)).toBe(100)
    expect(make.mock.calls.length).toBeLessThanOrEqual(13)
    expect(numbersOf(board)).toEqual([...numbersOf(board)].sort((a, b) => a - b))
  })

  it('is made no more while nothing changes', async () => {
    const { open, make } = openWatch()
    await open()
    await pass(REST_MS * 20)
    expect(make).toHaveBeenCalledTimes(1)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('that changes all the time is told after each rest', async () => {
    const { open, make } = openWatch(true)
    const { board } = await open()
    await pass(REST_MS * 10 + 1)
    expect(board.got.length).toBe(10)
    expect(make).toHaveBeenCalledTimes(11)
  })

  it('is made once for all who begin to watch', async () => {
    const { open, make, change } = openWatch()
    const boards = await Promise.all([open(), open(), open()])
    expect(make).toHaveBeenCalledTimes(1)
    await pass(REST_MS)
    change()
    await pass(0)
    for (const { board } of boards) expect(numbersOf(board)).toEqual([1])
    expect(make).toHaveBeenCalledTimes(2)
    await open()
    expect(make).toHaveBeenCalledTimes(2)
  })

  it('is told as it has become, also where another board begins to watch during the rest', async () => {
    const { open, change } = openWatch()
    const { board } = await open()
    change()
    const { first } = await open()
    expect(first).toEqual(newsOf(1))
    await pass(REST_MS * 3)
    expect(numbersOf(board)).toEqual([1])
  })

  it('that changes while it is made is made again, also where another board asks meanwhile', async () => {
    const { watch, make, open, state } = openWatch()
    // It is read, but has not arrived.
    make.mockImplementation(async () => {
      const read = newsOf(state.number)
      await new Promise((resolve) => setTimeout(resolve, 10))
      return read
    })
    const opens = [open()]
    state.number += 1
    watch.note()
    opens.push(open())
    await pass(REST_MS * 5)
    for (const each of opens) {
      const { board, first } = await each
      expect([...numbersOf(board), 'id' in first ? Number(first.id) : -1]).toContain(1)
    }
  })

  it('is not told to a board that no longer watches', async () => {
    const { watch, open, change } = openWatch()
    const [{ board }, { board: unwanted }] = [await open(), await open(() => false)]
    expect(watch.boards).toBe(1)
    expect(unwanted.isInside).toBe(false)
    watch.leave(board)
    change()
    await pass(REST_MS * 3)
    expect(board.got).toEqual([])
    expect(unwanted.got).toEqual([])
  })

  it('is neither made nor told once nobody watches', async () => {
    const { watch, open, make } = openWatch(true)
    const { board } = await open()
    watch.leave(board)
    await pass(REST_MS * 3)
    const made = make.mock.calls.length
    await pass(REST_MS * 20)
    expect(make.mock.calls.length).toBe(made)
    expect(board.got).toEqual([])
  })

  it('leaves no timer behind when it is closed', async () => {
    const { watch, open, change } = openWatch(true)
    const { board } = await open()
    change()
    watch.close()
    await pass(REST_MS * 20)
    expect(board.got).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('where a subject cannot be made', () => {
  it('who begins to watch is told why', async () => {
    const { watch, make, open } = openWatch()
    make.mockRejectedValueOnce(new Error('nothing there'))
    await expect(open()).rejects.toThrow('nothing there')
    expect(watch.boards).toBe(0)
    expect((await open()).first).toEqual(newsOf(0))
  })

  it('it is told later to those who watch', async () => {
    const { make, open, change, onError } = openWatch()
    const { board } = await open()
    await pass(REST_MS)
    make.mockRejectedValueOnce(new Error('not now'))
    change()
    await pass(0)
    expect(onError).toHaveBeenCalledTimes(1)
    expect(board.got).toEqual([])
    await pass(REST_MS)
    expect(numbersOf(board)).toEqual([1])
  })
})
