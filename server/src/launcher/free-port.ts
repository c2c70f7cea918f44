/** Finds a port on which nothing listens yet. */
import { once } from 'node:events'
import { createServer } from 'node:net'

const MAX_TRIES = 100

/**
 * The first free port from `port` on.
 *
 * @throws Error where the host is no address of this machine, or none of the next hundred ports is free
 */
export async function findFreePort(host: string, port: number): Promise<number> {
  for (let candidate = port; candidate < port + MAX_TRIES && candidate <= 65_535; candidate += 1) {
    if (await isFree(host, candidate)) return candidate
  }
  throw new Error(`No port from ${port} on is free at ${host}.`)
}

async function isFree(host: string, port: number): Promise<boolean> {
  const server = createServer().listen(port, host)
  try {
    await once(server, 'listening')
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return false
    throw error
  } finally {
    server.close()
  }
}
