/** A batch that is made when the first of its photos is sent: where none can be sent, no empty one is left. */

import { newIdempotencyKey } from '../api/idempotency-key.ts'
import { createBatch } from '../api/new-batch.ts'

export class NewBatch {
  readonly name: string
  /** Null until the master has made it. */
  id: string | null = null
  /** It takes no more photos. */
  isClosed = false
  readonly #owner: string | undefined
  readonly #idempotencyKey = newIdempotencyKey()
  #made: Promise<string> | null = null

  /** @param owner as of its photos; undefined: the client's address */
  constructor(name: string, owner: string | undefined) {
    this.name = name
    this.#owner = owner
  }

  /**
   * The id on the master, for all who ask of one batch. After a failure the next one to ask tries again.
   *
   * @throws Failure
   */
  make(): Promise<string> {
    this.#made ??= this.#create()
    return this.#made
  }

  async #create(): Promise<string> {
    try {
      this.id = await createBatch({ name: this.name, owner: this.#owner }, this.#idempotencyKey)
      return this.id
    } catch (error) {
      this.#made = null
      throw error
    }
  }
}
