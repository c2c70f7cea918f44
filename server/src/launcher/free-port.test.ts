import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { findFreePort } from './free-port.ts'

/** Listens on a port until the test ends; 0 takes any. */
async function occupy(port = 0): Promise<number> {
  const server = createServer().listen(port, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

describe('findFreePort', () => {
  it('gives a port on which one can listen', async () => {
    const port = await findFreePort('127.0.0.1', 20_000)
    expect(port).toBeGreaterThanOrEqual(20_000)
    expect(await occupy(port)).toBe(port)
  })

  it('gives the wanted port where it is free, and the next where it is taken', async () => {
    const wanted = await findFreePort('127.0.0.1', 21_000)
    expect(await findFreePort('127.0.0.1', wanted)).toBe(wanted)
    await occupy(wanted)
    const next = await findFreePort('127.0.0.1', wanted)
    expect(next).toBeGreaterThan(wanted)
    expect(await occupy(next)).toBe(next)
  })

  it('does not go beyond the last port', async () => {
    await occupy(65_535).catch(() => undefined)
    await expect(findFreePort('127.0.0.1', 65_535)).rejects.toThrow('No port from 65535 on is free')
  })

  it('fails for an address that is not of this machine', async () => {
    // Set aside for documentation.
    await expect(findFreePort('192.0.2.1', 20_000)).rejects.toThrow('EADDRNOTAVAIL')
  })
})
