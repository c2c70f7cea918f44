/** A worker and the cluster as the job board sees them. */
import { z } from 'zod'

export const ENGINES = ['tfjs-node', 'tfjs-wasm'] as const
export const engineNameSchema = z.enum(ENGINES)
export type EngineName = z.infer<typeof engineNameSchema>

export const workerViewSchema = z.object({
  /** Of its process: new at every start. */
  id: z.string(),
  name: z.string(),
  /**
   * `starting`: connected, loading or testing the model. `ready`: takes jobs. `draining`: takes none, and
   * finishes what it has begun. `drained`: holds nothing.
   */
  state: z.enum(['starting', 'ready', 'draining', 'drained']),
  engine: engineNameSchema.nullable(),
  /** Measured on the worker when it loaded the model: photos a second on one thread, decoding excluded. */
  imagesPerSecond: z.number().nullable(),
  /** Photos it works on at once. */
  slots: z.int().min(1),
  /** Slots in use. */
  busy: z.int().min(0),
  /** Jobs that it holds: in its slots, and fetched ahead. */
  held: z.int().min(0),
})
export type WorkerView = z.infer<typeof workerViewSchema>

/** What the master does about the model just now. */
export const modelStateSchema = z.discriminatedUnion('state', [
  z.object({ state: z.literal('resolving') }),
  z.object({
    state: z.literal('fetching'),
    name: z.string(),
    receivedBytes: z.int().min(0),
    /** Null where the source does not tell. */
    totalBytes: z.int().positive().nullable(),
  }),
  z.object({ state: z.literal('testing'), name: z.string(), digest: z.string() }),
  z.object({ state: z.literal('serving'), name: z.string(), digest: z.string() }),
  /** Every source failed; `detail` says how. */
  z.object({ state: z.literal('missing'), detail: z.string() }),
])
export type ModelState = z.infer<typeof modelStateSchema>

/** What keeps the master from accepting photos and recording results just now. */
export const storageStateSchema = z.object({
  database: z.enum(['ok', 'unavailable']),
  disk: z.enum(['ok', 'full']),
})
export type StorageState = z.infer<typeof storageStateSchema>

export const clusterViewSchema = z.object({
  /** A photo submitted now would be recognised. */
  ready: z.boolean(),
  storage: storageStateSchema,
  model: modelStateSchema,
  workers: z.array(workerViewSchema),
})
export type ClusterView = z.infer<typeof clusterViewSchema>
