/**
 * What the master pushes to a job board on the Socket.IO namespace `/board`.
 *
 * A board opens a view and is answered with a snapshot; then frames follow, numbered from the snapshot's
 * number on. A gap in the numbers, or another boot id, means that the board must open its view again.
 */
import { z } from 'zod'
import { jobCountsSchema, jobSchema } from './job.ts'
import { clusterViewSchema } from './worker.ts'

export const BOARD_NAMESPACE = '/board'

/** The most rows that one view shows. */
export const MAX_VIEW_ROWS = 60

/** The newest jobs, `limit` of them. */
export const viewSchema = z.object({ limit: z.int().min(1).max(MAX_VIEW_ROWS) })
export type View = z.infer<typeof viewSchema>

export const snapshotSchema = z.object({
  /** New at every start of the master. */
  bootId: z.string(),
  seq: z.int().min(0),
  counts: jobCountsSchema,
  cluster: clusterViewSchema,
  /** Newest first. */
  jobs: z.array(jobSchema),
})
export type Snapshot = z.infer<typeof snapshotSchema>

export const frameSchema = z.object({
  bootId: z.string(),
  seq: z.int().min(1),
  counts: jobCountsSchema,
  /** Present when it changed. */
  cluster: clusterViewSchema.optional(),
  /** The jobs that changed since the last frame, in their latest state, oldest submit first. */
  jobs: z.array(jobSchema),
  /** Ids of jobs that are no more. */
  removed: z.array(z.uuid()),
})
export type Frame = z.infer<typeof frameSchema>

export interface BoardToMaster {
  open: (view: View, ack: (snapshot: Snapshot) => void) => void
}

export interface MasterToBoard {
  frame: (frame: Frame) => void
}
