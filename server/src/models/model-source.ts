/** Where a model can come from: a folder, the cache, an address, an npm package. */
import type { Interpretation } from '@argus/shared'

/**
 * Tells how a fetch gets on.
 *
 * @param receivedBytes so far
 * @param totalBytes null where the source does not tell
 */
export type ReportProgress = (receivedBytes: number, totalBytes: number | null) => void

export interface FetchedModel {
  readonly name: string
  readonly interpretation: Interpretation
}

export interface ModelSource {
  /** What a person is told, e.g. `MODEL_DIR /srv/model`. */
  readonly label: string
  /** The name under which the hashes of its files are recorded at first use; null: they are not held to. */
  readonly pin: string | null
  /**
   * Lays `model.json` and the weights that it names into `folder`, which is empty.
   *
   * @returns null where this source has nothing, which is no failure
   * @throws ProblemError `model/source-failed`
   */
  fetch(folder: string, report: ReportProgress, signal: AbortSignal): Promise<FetchedModel | null>
}
