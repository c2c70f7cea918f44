/** What a scenario is, and what it is given: a cluster that is gone when it ends, however it ends. */

import { dataPaths } from '../../server/src/config.ts'
import type { DatabaseTarget } from '../../server/src/store/database.ts'
import { TestCluster } from '../../server/testing/cluster.ts'
import { findMariaDb, TestMariaDb } from '../../server/testing/mariadb.ts'
import type { Random } from '../../server/testing/random.ts'
import { Board } from './board.ts'
import { Findings } from './findings.ts'
import { ready, untilWorkers } from './observer.ts'
import { Workforce } from './workforce.ts'

export const STORES = ['sqlite', 'mariadb'] as const
export type StoreName = (typeof STORES)[number]

export interface Scenario {
  /** For `--only`. */
  readonly name: string
  /** What is done, as the table has it. */
  readonly title: string
  readonly mustHold: string
  /** Where it makes sense on one store only. */
  readonly store?: StoreName
  readonly run: (stage: Stage) => Promise<void>
}

export interface StageOptions {
  /** Fewer jobs and shorter times, for CI. */
  readonly short: boolean
  readonly store: StoreName
  readonly random: Random
}

export interface Crew {
  readonly cluster: TestCluster
  readonly workforce: Workforce
  readonly board: Board
}

export interface CrewOptions {
  /** Worker processes to start with; default 4. */
  readonly workers?: number
  /** Photos that each works on at once, and holds ahead; default 1. */
  readonly slots?: number
  /** What an instant worker takes for a photo; null: real workers. */
  readonly photoMs?: number | null
  readonly workerEnv?: NodeJS.ProcessEnv
  /** Called before the master starts, with its store and its data folder. */
  readonly prepare?: (target: DatabaseTarget, dataDir: string) => Promise<void>
}

/** Four real workers on two cores load and test the model for a while. */
const READY_MS = 120_000

export class Stage {
  readonly findings = new Findings()
  readonly short: boolean
  readonly store: StoreName
  readonly random: Random
  readonly #clusters: TestCluster[] = []
  readonly #cleanups: Array<() => unknown> = []
  #database: TestMariaDb | null = null

  constructor({ short, store, random }: StageOptions) {
    this.short = short
    this.store = store
    this.random = random
  }

  /** What the processes of all clusters have printed. */
  get output(): string {
    return this.#clusters.map(({ output }) => output).join('')
  }

  /** One of two numbers, or whatever it is: for the full form, or for the short one. */
  choose<T>(full: T, short: T): T {
    return this.short ? short : full
  }

  /** Runs when the scenario has ended, those that were deferred last, first. */
  defer(cleanup: () => unknown): void {
    this.#cleanups.push(cleanup)
  }

  /** A MariaDB of the scenario's own. */
  async database(): Promise<TestMariaDb> {
    if (!this.#database) {
      const database = await TestMariaDb.start()
      this.#database = database
      this.defer(() => database.stop())
    }
    return this.#database
  }

  /** Starts a master on an empty store, and workers; returns when all of them take jobs. */
  async start(options: CrewOptions = {}): Promise<Crew> {
    const { workers = 4, photoMs = 25, slots = 1, workerEnv, prepare } = options
    const url = this.store === 'mariadb' ? await (await this.database()).createDatabase() : ''
    const cluster = await TestCluster.start({
      workers: 0,
      instant: photoMs !== null,
      // Empty where there is none: the environment may have one.
      masterEnv: { DATABASE_URL: url },
      workerEnv: {
        THREADS: String(slots),
        PREFETCH: String(slots),
        INSTANT_MS: String(photoMs),
        ...workerEnv,
      },
      prepare: async (dataDir) => {
        const target = url === '' ? { file: dataPaths(dataDir).database } : { url }
        await prepare?.(target, dataDir)
      },
    })
    this.#clusters.push(cluster)
    this.defer(() => cluster.stop())
    const workforce = new Workforce(cluster)
    this.defer(() => workforce.close())
    const board = Board.open(cluster.url)
    this.defer(() => board.close())
    for (let number = 0; number < workers; number += 1) workforce.start()
    await untilWorkers(cluster.url, (all) => ready(all) === workers, READY_MS)
    return { cluster, workforce, board }
  }

  /** Ends all that was started. */
  async close(): Promise<void> {
    for (const cleanup of this.#cleanups.splice(0).reverse()) {
      try {
        await cleanup()
      } catch (error) {
        // The others have to run all the same.
        this.findings.fail(error)
      }
    }
  }
}

/** Whether this machine can run it. */
export function isPossible(scenario: Scenario, store: StoreName): boolean {
  return storeOf(scenario, store) === 'sqlite' || findMariaDb() !== null
}

export function storeOf(scenario: Scenario, store: StoreName): StoreName {
  return scenario.store ?? store
}
