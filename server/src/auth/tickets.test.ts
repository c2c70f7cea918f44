import { describe, expect, it } from 'vitest'
import { type TicketSubject, Tickets } from './tickets.ts'

const SUBJECT: TicketSubject = {
  jobId: '0198a000-0000-7000-8000-000000000000',
  run: 2,
  attempt: 3,
  worker: '0198a000-0000-7000-8000-00000000000b',
  sha256: 'a'.repeat(64),
}
const tickets = new Tickets('the-master-key')
const ticket = tickets.issue(SUBJECT)

describe('a ticket', () => {
  it('tells what it was issued for', () => {
    expect(tickets.read(ticket)).toEqual(SUBJECT)
  })

  it('outlives a restart of the master', () => {
    expect(new Tickets('the-master-key').read(ticket)).toEqual(SUBJECT)
  })

  it('of another master is worth nothing', () => {
    expect(new Tickets('another-key').read(ticket)).toBeNull()
  })

  it.each([
    ['job', { jobId: SUBJECT.jobId.replace('0198', '0199') }],
    ['run', { run: 1 }],
    ['attempt', { attempt: 2 }],
    ['worker', { worker: SUBJECT.worker.replace('0198', '0199') }],
    ['photo', { sha256: 'b'.repeat(64) }],
  ])('cannot be turned into one for another %s', (_what, change) => {
    const signature = ticket.split('.').at(-1)
    const other = tickets.issue({ ...SUBJECT, ...change }).split('.')
    expect(other.at(-1)).not.toBe(signature)
    expect(tickets.read([...other.slice(0, -1), signature].join('.'))).toBeNull()
  })

  it.each(['', '.', '.....', 'a.1.1.b.c', `${ticket}.x`, ticket.slice(0, -1), ticket.replace('.2.', '..')])(
    'is not %j',
    (text) => {
      expect(tickets.read(text)).toBeNull()
    },
  )
})
