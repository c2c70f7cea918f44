import type { Outcome } from '@argus/shared'
import { describe, expect, it, vi } from 'vitest'
import { Outbox } from './outbox.ts'

const outcome = (ticket: string): Outcome => ({ end: 'returned', ticket })
const tick = () => new Promise(setImmediate)

function outbox() {
  const send = vi.fn<(outcomes: Outcome[]) => void>()
  const messages = () => send.mock.calls.map(([outcomes]) => outcomes.map(({ ticket }) => ticket))
  return { box: new Outbox(send), messages }
}

describe('Outbox', () => {
  it('sends the outcomes of one tick as one message', async () => {
    const { box, messages } = outbox()
    box.add(outcome('a'))
    box.add(outcome('b'))
    expect(messages()).toEqual([])
    await tick()
    box.add(outcome('c'))
    await tick()
    expect(messages()).toEqual([['a', 'b'], ['c']])
  })

  it('keeps them until they are removed, and sends them again when asked', async () => {
    const { box, messages } = outbox()
    for (const ticket of ['a', 'b', 'c']) box.add(outcome(ticket))
    await tick()
    box.remove('b')
    box.resend()
    expect(messages()[1]).toEqual(['a', 'c'])
    expect(box.tickets).toEqual(['a', 'c'])
    expect([box.has('a'), box.has('b')]).toEqual([true, false])
  })

  it('does not send twice what comes in the tick of a reconnect', async () => {
    const { box, messages } = outbox()
    box.add(outcome('a'))
    box.resend()
    box.add(outcome('b'))
    await tick()
    expect(messages()).toEqual([['a'], ['b']])
  })

  it('does not send what was removed before its tick has ended', async () => {
    const { box, messages } = outbox()
    box.add(outcome('a'))
    box.remove('a')
    await tick()
    expect(messages()).toEqual([])
  })

  it('puts at most ten outcomes into a message', async () => {
    const { box, messages } = outbox()
    const tickets = Array.from({ length: 23 }, (_, index) => `t${index}`)
    for (const ticket of tickets) box.add(outcome(ticket))
    await tick()
    expect(messages().map(({ length }) => length)).toEqual([10, 10, 3])
    expect(messages().flat()).toEqual(tickets)
  })
})
