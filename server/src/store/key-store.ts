/** The SQL about idempotency keys: which job or batch an owner's key has made. */
import { createHash } from 'node:crypto'
import { ProblemError } from '@argus/shared'
import type { Knex } from 'knex'

/** How long a key is kept. */
export const KEY_LIFE_MS = 24 * 60 * 60 * 1000

export interface IdempotencyKey {
  readonly owner: string
  readonly key: string
  /** Of what it is to make: the same key for something else is an error of the client. */
  readonly fingerprint: string
  /** Id of the job or the batch. */
  readonly madeId: string
}

/** A key with what a request means by it. */
export type UsedKey = Omit<IdempotencyKey, 'madeId'>

interface KeyRow {
  owner: string
  idempotency_key: string
  fingerprint: string
  made_id: string
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
    return row ? { owner, key, fingerprint: row.fingerprint, madeId: row.made_id } : null
  }

  /**
   * The id of what a key has made; null where it has made nothing.
   *
   * @throws ProblemError `request/idempotency-mismatch` where it has made something else
   */
  async madeBy({ owner, key, fingerprint }: UsedKey, now: number): Promise<string | null> {
    const known = await this.find(owner, key, now)
    if (known && known.fingerprint !== fingerprint) throw new ProblemError('request/idempotency-mismatch')
    return known?.madeId ?? null
  }

  /**
   * Takes the key for what it makes.
   *
   * @throws a constraint error where it is taken
   */
  async insert({ owner, key, fingerprint, madeId }: IdempotencyKey, now: number): Promise<void> {
    await this.#keys()
      .where({ owner, idempotency_key: key })
      .where('created_at', '<=', now - KEY_LIFE_MS)
      .delete()
    await this.#keys().insert({
      owner,
      idempotency_key: key,
      fingerprint,
      made_id: madeId,
      created_at: now,
    })
  }

  /** Forgets the keys that were made before this time. */
  async forgetBefore(time: number): Promise<number> {
    return this.#keys().where('created_at', '<', time).delete()
  }
}

/** @param meant all that a request is to make, as plain values */
export function fingerprintOf(meant: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(meant)).digest('hex')
}
