/** The SQL about idempotency keys: which job an owner's key has made. */
import type { Knex } from 'knex'

/** How long a key is kept. */
export const KEY_LIFE_MS = 24 * 60 * 60 * 1000

export interface IdempotencyKey {
  readonly owner: string
  readonly key: string
  /** Of the photo and the options: the same key with another one is an error of the client. */
  readonly fingerprint: string
  readonly jobId: string
}

interface KeyRow {
  owner: string
  idempotency_key: string
  fingerprint: string
  job_id: string
  created_at: number
}

export class KeyStore {
  readonly #database: Knex

  /** @param database or a transaction, whose part the statements then are */
  constructor(database: Knex) {
    this.#database = database
  }

  #keys() {
    return this.#database<KeyRow>('idempotency_keys')
  }

  async find(owner: string, key: string, now: number): Promise<IdempotencyKey | null> {
    const row = await this.#keys()
      .where({ owner, idempotency_key: key })
      .where('created_at', '>', now - KEY_LIFE_MS)
      .first()
    return row ? { owner, key, fingerprint: row.fingerprint, jobId: row.job_id } : null
  }

  /**
   * Takes the key for a job.
   *
   * @throws a constraint error where it is taken
   */
  async insert({ owner, key, fingerprint, jobId }: IdempotencyKey, now: number): Promise<void> {
    await this.#keys()
      .where({ owner, idempotency_key: key })
      .where('created_at', '<=', now - KEY_LIFE_MS)
      .delete()
    await this.#keys().insert({
      owner,
      idempotency_key: key,
      fingerprint,
      job_id: jobId,
      created_at: now,
    })
  }

  /** Forgets the keys that were made before this time. */
  async forgetBefore(time: number): Promise<number> {
    return this.#keys().where('created_at', '<', time).delete()
  }
}
