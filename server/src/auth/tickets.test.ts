import { describe, expect, it } from 'vitest'
import { Tickets } from './tickets.ts'

const SHA256 = 'a'.repeat(64)
const JOB = '0198a000-0000-7000-8000-000000000000'
const tickets = new Tickets('the-master-key')
const ticket = tickets.issue({ jobId: JOB, attempt: 1, sha256: SHA256 })

describe('a ticket', () => {
  it('opens the photo that it was issued for', () => {
    expect(tickets.opens(ticket, SHA256)).toBe(true)
  })

  it('outlives a restart of the master', () => {
    expect(new Tickets('the-master-key').opens(ticket, SHA256)).toBe(true)
  })

  it('opens no other photo', () => {
    expect(tickets.opens(ticket, 'b'.repeat(64))).toBe(false)
  })

  it('of another master opens nothing', () => {
    expect(new Tickets('another-key').opens(ticket, SHA256)).toBe(false)
  })

  it('is another one for each attempt and each job', () => {
    const others = [
      tickets.issue({ jobId: JOB, attempt: 2, sha256: SHA256 }),
      tickets.issue({ jobId: JOB.replace('0198', '0199'), attempt: 1, sha256: SHA256 }),
    ]
    expect(new Set([ticket, ...others].map((each) => each.split('.')[2])).size).toBe(3)
  })

  it('cannot be turned into one for another attempt or another job', () => {
    const [jobId, attempt, signature] = ticket.split('.')
    expect(tickets.opens(`${jobId}.2.${signature}`, SHA256)).toBe(false)
    expect(tickets.opens(`${jobId?.replace('0198', '0199')}.${attempt}.${signature}`, SHA256)).toBe(false)
  })

  it.each([
    '',
    '.',
    '..',
    JOB,
    `${JOB}.1`,
    `${JOB}.1.`,
    `${JOB}.1.forged`,
    `${JOB}.one.forged`,
    `.1.${'A'.repeat(43)}`,
  ])('cannot be "%s"', (forged) => {
    expect(tickets.opens(forged, SHA256)).toBe(false)
  })
})
