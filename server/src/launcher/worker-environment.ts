/** The settings with which a worker process runs on the master's own machine. */
import { join } from 'node:path'
import { WORKER_TOKEN_FILE } from '@argus/shared'

export function workerEnvironment(masterUrl: string, dataDir: string, name: string): NodeJS.ProcessEnv {
  return {
    // A master that listens on all addresses is not reached at "all addresses".
    MASTER_URL: masterUrl.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:'),
    WORKER_TOKEN_FILE: join(dataDir, WORKER_TOKEN_FILE),
    // One for another master must not come before this one's.
    WORKER_TOKEN: '',
    WORKER_NAME: name,
    // There is one process a core.
    THREADS: process.env.THREADS || '1',
    CACHE_DIR: join(dataDir, 'worker-cache'),
    // glibc keeps a heap a thread, and what one has freed no other uses: 75 MB less after 100 photos.
    MALLOC_ARENA_MAX: process.env.MALLOC_ARENA_MAX || '2',
  }
}
