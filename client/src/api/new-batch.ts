/** Makes a batch on the master, to be filled with photos one by one. */
import type { BatchReceipt } from '@argus/shared'
import { post } from './request.ts'

interface BatchDescription {
  readonly name: string
  readonly owner: string | undefined
}

/**
 * @param idempotencyKey with the same one, there is one batch however often it is asked for
 * @returns its id
 */
export async function createBatch(
  { name, owner }: BatchDescription,
  idempotencyKey: string,
): Promise<string> {
  const query = new URLSearchParams({ name })
  if (owner !== undefined) query.set('owner', owner)
  const answer = await post(`/api/v1/batches?${query}`, { 'idempotency-key': idempotencyKey })
  const { batch }: BatchReceipt = await answer.json()
  return batch.id
}
