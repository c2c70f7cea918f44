/** Finds a port on which nothing listens yet. */
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { hasCode } from '../error-code.ts'

const MAX_TRIES = 100

/**
 * The first free port from `port` on; for 0, any free port.
 *
 * @throws Error where the host is no address of this machine, or none of the next hundred ports is free
 */
export async function findFreePort(host: string, port: number): Promise<number> {
  for (let candidate = port; candidate < port + MAX_TRIES && candidate <= 65_535; candidate += 1) {
    const found = await tryPort(host, candidate)
    if (found !== null) return found
  }
  throw new Error(`No port from ${port} on is free at ${host}.`)
}

async function tryPort(host: string, port: number): Promise<number | null> {
  const server = createServer().listen(port, host)
  try {
    await once(server, 'listening')
    const { port: found } = server.address() as AddressInfo
    return found
  } catch (error) {
    if (hasCode(error, 'EADDRINUSE')) return null
    throw error
  } finally {
    server.close()
  }
}
