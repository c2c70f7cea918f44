/** Who in a room is sent what, also where a board lags. */
import { NO_ROWS, type Snapshot } from '@argus/shared'
import { describe, expect, it } from 'vitest'
import { type Board, type BoardMessage, BoardRoom } from './board-room.ts'

/** A board that keeps the numbers of what it was sent. */
class CountingBoard implements Board {
  isLagging = false
  isInside = false
  readonly got: string[] = []
  #drains: Array<() => void> = []

  join(): void {
    this.isInside = true
  }

  leave(): void {
    this.isInside = false
  }

  send({ event, data }: BoardMessage): void {
    this.got.push(`${event} ${'seq' in data ? data.seq : ''}`)
  }

  onceDrained(listener: () => void): void {
    this.#drains.push(listener)
  }

  /** How many wait to be told. */
  get drains(): number {
    return this.#drains.length
  }

  drain(): void {
    this.isLagging = false
    for (const listener of this.#drains.splice(0)) listener()
  }
}

const NO_COUNTS = { QUEUED: 0, RUNNING: 0, SUCCEEDED: 0, FAILED: 0, CANCELLED: 0 }

function snapshot(seq: number): BoardMessage {
  const data: Snapshot = {
    bootId: 'boot',
    seq,
    counts: NO_COUNTS,
    cluster: {
      ready: false,
      storage: { database: 'ok', disk: 'ok' },
      model: { state: 'resolving' },
      workers: [],
    },
    limits: { maxUploadBytes: 1, maxPixels: 1 },
    rows: [],
    isLast: true,
    total: NO_ROWS.limit,
    ahead: 0,
  }
  return { event: 'snapshot', data }
}

function frame(seq: number): BoardMessage {
  return {
    event: 'frame',
    data: { bootId: 'boot', seq, counts: NO_COUNTS, rows: [], left: [], isLast: true },
  }
}

/** A room of two, whose latest state is that of the last frame. */
function openRoom() {
  const boards = [new CountingBoard(), new CountingBoard()] as const
  let latest: BoardMessage | null = null
  const room = new BoardRoom(
    'a room',
    (name, message) => {
      expect(name).toBe('a room')
      for (const board of boards) if (board.isInside) board.send(message)
    },
    () => latest,
  )
  for (const board of boards) room.add(board)
  let seq = 0
  const send = () => {
    seq += 1
    latest = snapshot(seq)
    room.send(frame(seq))
  }
  return { room, boards, send, forget: () => (latest = null) }
}

describe('a room of boards', () => {
  it('has each of them get what is sent, until it is removed', () => {
    const { room, boards, send } = openRoom()
    send()
    room.remove(boards[1])
    send()
    expect(room.size).toBe(1)
    expect(boards.map(({ got }) => got)).toEqual([['frame 1', 'frame 2'], ['frame 1']])
  })

  it('leaves out one that lags, and sends it the latest state when it has caught up', () => {
    const { room, boards, send } = openRoom()
    const [slow, other] = boards
    slow.isLagging = true
    for (let sent = 0; sent < 5; sent += 1) send()
    expect(slow.got).toEqual([])
    // However long that takes, it waits once.
    expect(slow.drains).toBe(1)
    expect(room.size).toBe(2)
    slow.drain()
    send()
    expect(slow.got).toEqual(['snapshot 5', 'frame 6'])
    expect(other.got).toEqual([1, 2, 3, 4, 5, 6].map((seq) => `frame ${seq}`))
  })

  it('leaves it out again where it lags again', () => {
    const { boards, send } = openRoom()
    const [slow] = boards
    for (let round = 0; round < 3; round += 1) {
      slow.isLagging = true
      send()
      slow.drain()
    }
    expect(slow.got).toEqual(['snapshot 1', 'snapshot 2', 'snapshot 3'])
  })

  it('takes back in one that had missed nothing, where there is no state', () => {
    const { boards, send, forget } = openRoom()
    const [slow] = boards
    slow.isLagging = true
    send()
    forget()
    slow.drain()
    expect(slow.got).toEqual([])
    expect(slow.isInside).toBe(true)
  })

  it('sends nothing to one that was removed while it lagged', () => {
    const { room, boards, send } = openRoom()
    const [slow] = boards
    slow.isLagging = true
    send()
    room.remove(slow)
    slow.drain()
    expect(slow.got).toEqual([])
    expect(slow.isInside).toBe(false)
    expect(room.size).toBe(1)
  })
})
