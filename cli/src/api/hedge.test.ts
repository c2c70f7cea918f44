import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { Failure } from './failure.ts'
import { type Attempt, Hedge } from './hedge.ts'

const BYTES = 1000
const busy = new Failure({ title: 'The database is away', status: 503, retryAfterMs: 2000 })
const broken = new Failure({ title: 'The master cannot be reached', status: null })
const lost = new Failure({ title: 'The answer has broken off', status: null })
const refused = new Failure({ title: 'The image is damaged', status: 422 })

/** What comes of a copy, and after how many milliseconds; null where nothing comes. */
type Answer = readonly [ms: number, failure?: Failure] | null

interface Copy {
  /** Milliseconds after the test has begun. */
  readonly at: number
  readonly signal: AbortSignal
}

let stop: AbortController
let hedge: Hedge
let copies: Copy[]
let startedAt: number

beforeEach(() => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  stop = new AbortController()
  hedge = new Hedge(stop.signal)
  copies = []
  startedAt = Date.now()
})

/**
 * A request whose copies come to this, in their order, and further ones to nothing. What answers is the number of the
 * copy; the signal ends it, as with `fetch`.
 */
function requestOf(...answers: readonly Answer[]): Attempt<number> {
  let sent = 0
  return (signal) => {
    const number = sent
    sent += 1
    copies.push({ at: Date.now() - startedAt, signal })
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason))
      const answer = answers[number]
      if (!answer) return
      const [ms, failure] = answer
      setTimeout(() => (failure ? reject(failure) : resolve(number)), ms)
    })
  }
}

/** Has requests answered, one after the other, after so many milliseconds each. */
async function learn(...times: readonly number[]): Promise<void> {
  for (const time of times) {
    const answered = hedge.run(BYTES, requestOf([time]))
    await vi.advanceTimersByTimeAsync(time)
    await answered
  }
  copies = []
  startedAt = Date.now()
}

const twenty = Array.from({ length: 20 }, () => 100)

describe('an answer is late', () => {
  it('when it takes longer than nine of ten others', async () => {
    await learn(...Array.from({ length: 20 }, (_, at) => (at + 1) * 10))
    expect(hedge.delayMs(BYTES)).toBe(180)
  })

  it('not while hardly any others are known', async () => {
    await learn(...twenty.slice(1))
    expect(hedge.delayMs(BYTES)).toBeNull()
    const answered = hedge.run(BYTES, requestOf([5000]))
    await vi.advanceTimersByTimeAsync(5000)
    expect(await answered).toBe(0)
    expect(copies).toHaveLength(1)
  })

  it('never sooner than after 50 ms', async () => {
    await learn(...twenty.map(() => 2))
    expect(hedge.delayMs(BYTES)).toBe(50)
  })

  it('later in proportion where the request is larger than most, but no sooner where it is smaller', async () => {
    await learn(...twenty)
    expect([BYTES / 10, BYTES * 3].map((bytes) => hedge.delayMs(bytes))).toEqual([100, 300])
  })

  it('never where that would take more than ten seconds', async () => {
    await learn(...twenty)
    expect([BYTES * 100, BYTES * 101].map((bytes) => hedge.delayMs(bytes))).toEqual([10_000, null])
  })

  it('by the times of the last hundred', async () => {
    await learn(...twenty.map(() => 1000), ...Array.from({ length: 100 }, () => 60))
    expect(hedge.delayMs(BYTES)).toBe(60)
  })

  it('also by the times of those that came too late to count', async () => {
    await learn(...twenty)
    for (let at = 0; at < 3; at += 1) {
      const answered = hedge.run(BYTES, requestOf([900], [10]))
      await vi.advanceTimersByTimeAsync(1000)
      expect(await answered).toBe(1)
    }
    // The slowest three of 26.
    expect(hedge.delayMs(BYTES)).toBe(900)
  })
})

describe('a request whose answer is late', () => {
  beforeEach(() => learn(...twenty))

  it('is sent again, and the first answer counts', async () => {
    const answered = hedge.run(BYTES, requestOf([5000], [30]))
    await vi.advanceTimersByTimeAsync(130)
    expect(await answered).toBe(1)
    expect(copies.map(({ at }) => at)).toEqual([0, 100])
    expect(hedge.hedged).toBe(1)
  })

  it('is not sent again where it has its answer in time', async () => {
    const answered = hedge.run(BYTES, requestOf([99]))
    await vi.advanceTimersByTimeAsync(5000)
    expect(await answered).toBe(0)
    expect(copies).toHaveLength(1)
    expect(hedge.hedged).toBe(0)
  })

  it('is sent three times at most, with twice the wait before the last', async () => {
    const answered = hedge.run(BYTES, requestOf([20_000]))
    await vi.advanceTimersByTimeAsync(20_000)
    expect(await answered).toBe(0)
    expect(copies.map(({ at }) => at)).toEqual([0, 100, 300])
    expect(hedge.hedged).toBe(1)
  })

  it('keeps the connection of an answer that still comes, and gives the others up', async () => {
    const answered = hedge.run(BYTES, requestOf([2000], [30]))
    await vi.advanceTimersByTimeAsync(130)
    await answered
    await vi.advanceTimersByTimeAsync(1900)
    expect(copies[0]?.signal.aborted).toBe(false)
    expect(vi.getTimerCount()).toBe(0)

    const next = hedge.run(BYTES, requestOf([9000], [30]))
    await vi.advanceTimersByTimeAsync(3000)
    await next
    expect(copies[2]?.signal.aborted).toBe(false)
    await vi.advanceTimersByTimeAsync(200)
    expect(copies[2]?.signal.aborted).toBe(true)
  })

  it('is refused by whichever copy is refused first', async () => {
    const answered = hedge.run(BYTES, requestOf([5000], [30, refused]))
    const refusal = expect(answered).rejects.toBe(refused)
    await vi.advanceTimersByTimeAsync(130)
    await refusal
  })

  it.each<[string, Answer[], number]>([
    ['the first copy', [[150, broken], [80]], 1],
    ['a later copy', [[200], [30, busy]], 0],
  ])('has a chance left when %s fails', async (_which, answers, first) => {
    const answered = hedge.run(BYTES, requestOf(...answers))
    await vi.advanceTimersByTimeAsync(250)
    expect(await answered).toBe(first)
  })

  it.each<[string, Failure, Failure, Failure]>([
    ['what the master says', broken, busy, busy],
    ['what was first, where the master says nothing', broken, lost, broken],
  ])('fails with %s', async (_what, first, second, told) => {
    const failed = expect(hedge.run(BYTES, requestOf([150, first], [80, second]))).rejects.toBe(told)
    await vi.advanceTimersByTimeAsync(250)
    await failed
    expect(copies).toHaveLength(2)
  })
})

describe('a request', () => {
  it('that fails before its answer is late fails at once', async () => {
    await learn(...twenty)
    const failed = expect(hedge.run(BYTES, requestOf([30, broken]))).rejects.toBe(broken)
    await vi.advanceTimersByTimeAsync(30)
    await failed
    expect(copies).toHaveLength(1)
  })

  it('is ended with all its copies when all is to end', async () => {
    await learn(...twenty)
    const ended = expect(hedge.run(BYTES, requestOf())).rejects.toMatchObject({ name: 'AbortError' })
    await vi.advanceTimersByTimeAsync(1000)
    stop.abort()
    await ended
    expect(copies.map(({ signal }) => signal.aborted)).toEqual([true, true, true])
    await expect(hedge.run(BYTES, requestOf([1]))).rejects.toMatchObject({ name: 'AbortError' })
    expect(copies).toHaveLength(3)
  })

  it('that was answered leaves nothing under way behind the end', async () => {
    await learn(...twenty)
    const answered = hedge.run(BYTES, requestOf(null, [30]))
    await vi.advanceTimersByTimeAsync(130)
    await answered
    hedge.close()
    await vi.advanceTimersByTimeAsync(0)
    expect(copies[0]?.signal.aborted).toBe(true)
    expect(vi.getTimerCount()).toBe(0)
  })
})

it('sends ten copies where no answers come at all, and then one for five answers', async () => {
  await learn(...twenty)
  const stall = () => void hedge.run(BYTES, requestOf()).catch(() => undefined)
  for (let at = 0; at < 30; at += 1) stall()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(copies).toHaveLength(30 + 10)

  await learn(...twenty.slice(0, 5))
  stall()
  stall()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(copies).toHaveLength(2 + 1)
  stop.abort()
})
