/** A worker and the cluster as the job board sees them. */
import { z } from 'zod'

export const ENGINES = ['tfjs-node', 'tfjs-wasm'] as const
export const engineNameSchema = z.enum(ENGINES)
export type EngineName = z.infer<typeof engineNameSchema>

export const workerViewSchema = z
  .object({
    id: z.string().describe('Of its process: new at every start.'),
    name: z.string(),
    state: z
      .enum(['starting', 'ready', 'draining', 'drained'])
      .describe(
        '`starting`: connected, loading or testing the model. `ready`: takes jobs. `draining`: takes none, and finishes what it has begun. `drained`: holds nothing.',
      ),
    engine: engineNameSchema.nullable(),
    imagesPerSecond: z
      .number()
      .nullable()
      .describe('Measured on the worker when it loaded the model: on one thread, decoding excluded.'),
    slots: z.int().min(1).describe('Photos it works on at once.'),
    busy: z.int().min(0).describe('Slots in use.'),
    held: z.int().min(0).describe('Jobs that it holds: in its slots, and fetched ahead.'),
  })
  .meta({ id: 'Worker' })
export type WorkerView = z.infer<typeof workerViewSchema>

/** The answer of the master that lists them. */
export const workersSchema = z.object({ workers: z.array(workerViewSchema) })

/** What the master does about the model just now. */
export const modelStateSchema = z
  .discriminatedUnion('state', [
    z.object({ state: z.literal('resolving') }),
    z.object({
      state: z.literal('fetching'),
      name: z.string(),
      receivedBytes: z.int().min(0),
      totalBytes: z.int().positive().nullable().describe('Null where the source does not tell.'),
    }),
    z.object({ state: z.literal('testing'), name: z.string(), digest: z.string() }),
    z.object({ state: z.literal('serving'), name: z.string(), digest: z.string() }),
    z.object({
      state: z.literal('missing'),
      detail: z.string().describe('Every source failed, and how.'),
    }),
  ])
  .meta({ id: 'ModelState' })
export type ModelState = z.infer<typeof modelStateSchema>

/** What keeps the master from accepting photos and recording results just now. */
export const storageStateSchema = z.object({
  database: z.enum(['ok', 'unavailable']),
  disk: z.enum(['ok', 'full']),
})
export type StorageState = z.infer<typeof storageStateSchema>

export const clusterViewSchema = z
  .object({
    ready: z.boolean().describe('A photo submitted now would be recognised.'),
    storage: storageStateSchema,
    model: modelStateSchema,
    workers: z.array(workerViewSchema),
  })
  .meta({ id: 'Cluster' })
export type ClusterView = z.infer<typeof clusterViewSchema>
