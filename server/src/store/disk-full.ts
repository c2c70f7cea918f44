/** Names the one failure of a write that people can mend: there is no room, or no quota, on the disk. */
import { ProblemError } from '@argus/shared'
import { hasCode } from '../error-code.ts'

/**
 * Settles as `write` does.
 *
 * @throws ProblemError `store/disk-full` where it failed for want of room
 */
export async function namingFullDisk<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } catch (error) {
    // Node's own message has the path of the file in it.
    throw hasCode(error, 'ENOSPC', 'EDQUOT')
      ? new ProblemError('store/disk-full', undefined, { cause: error })
      : error
  }
}
