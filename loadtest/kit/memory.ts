/** What a process has of the machine's memory, as Linux counts it. */
import { readFile } from 'node:fs/promises'

/** The most that it ever had resident, in MB. */
export async function peakMb(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024
}
