import { setImmediate as turnOfLoop } from 'node:timers/promises'
import type { Assignment } from '@argus/shared'
import { describe, expect, it } from 'vitest'
import { Recent } from '../statistics/recent.ts'
import { Postbox } from './postbox.ts'
import type { ConnectedWorker } from './worker-registry.ts'

/** What was sent, in its order. */
type Sent = Array<{ to: string; kind: string; tickets: string[] }>

function connect(id: string, sent: Sent): ConnectedWorker {
  const send = (kind: string, tickets: string[]) => sent.push({ to: id, kind, tickets })
  const ticketsOf = (all: ReadonlyArray<{ ticket: string }>) => all.map(({ ticket }) => ticket)
  return {
    id,
    name: id,
    slots: 1,
    prefetch: 0,
    link: {
      welcome: () => send('welcome', []),
      model: () => send('model', []),
      assign: (assignments) => send('assign', ticketsOf(assignments)),
      answers: (answers) => send('answers', ticketsOf(answers)),
      revoke: (tickets) => send('revoke', tickets),
      drain: () => send('drain', []),
      close: () => send('close', []),
    },
    draining: false,
    leaving: false,
    serving: null,
    refused: null,
    beat: null,
    recognised: new Recent(),
    held: 0,
  }
}

function assignment(ticket: string): Assignment {
  return { ticket, jobId: `job of ${ticket}`, image: { sha256: '', type: 'image/jpeg', width: 8, height: 8 } }
}

describe('the postbox', () => {
  it('sends what gathers in a tick as one message of each kind, answers first', async () => {
    const sent: Sent = []
    const [post, worker] = [new Postbox(), connect('a', sent)]
    post.assign(worker, assignment('1'))
    post.revoke(worker, '2')
    post.answer(worker, { ticket: '3', answer: 'recorded' })
    post.assign(worker, assignment('4'))
    post.answer(worker, { ticket: '5', answer: 'obsolete' })
    expect(sent).toEqual([])
    await turnOfLoop()
    expect(sent).toEqual([
      { to: 'a', kind: 'answers', tickets: ['3', '5'] },
      { to: 'a', kind: 'revoke', tickets: ['2'] },
      { to: 'a', kind: 'assign', tickets: ['1', '4'] },
    ])
  })

  it('sends to each worker what is for it', async () => {
    const sent: Sent = []
    const [post, a, b] = [new Postbox(), connect('a', sent), connect('b', sent)]
    post.assign(a, assignment('1'))
    post.assign(b, assignment('2'))
    await turnOfLoop()
    expect(sent).toEqual([
      { to: 'a', kind: 'assign', tickets: ['1'] },
      { to: 'b', kind: 'assign', tickets: ['2'] },
    ])
  })

  it('sends what comes later in a message of its own, and nothing twice', async () => {
    const sent: Sent = []
    const [post, worker] = [new Postbox(), connect('a', sent)]
    post.revoke(worker, '1')
    await turnOfLoop()
    post.revoke(worker, '2')
    await turnOfLoop()
    await turnOfLoop()
    expect(sent.map(({ tickets }) => tickets)).toEqual([['1'], ['2']])
  })

  it('sends to the connection that was meant, not to one that took its place', async () => {
    const sent: Sent = []
    const [post, old, young] = [new Postbox(), connect('old', sent), connect('young', sent)]
    post.revoke({ ...old, id: 'a' }, '1')
    post.revoke({ ...young, id: 'a' }, '2')
    await turnOfLoop()
    expect(sent.map(({ to, tickets }) => [to, tickets])).toEqual([
      ['old', ['1']],
      ['young', ['2']],
    ])
  })
})
