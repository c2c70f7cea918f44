/** strace, with which a test sees what a process asks of the kernel; suites that need it are skipped without. */
import { existsSync } from 'node:fs'

/** Where it is: what STRACE names, or Debian's. Null on a machine without it. */
export function findStrace(): string | null {
  const path = process.env.STRACE || '/usr/bin/strace'
  return existsSync(path) ? path : null
}
