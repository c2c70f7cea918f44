/** What the agent's thread and a recogniser thread say to each other. */
import type { EngineName, Interpretation, ProblemCode, Thumbnail } from '@argus/shared'
import type { SelfTestReport } from '../models/self-test.ts'
import type { RankedClass } from './classify.ts'
import type { ImageFacts } from './decode.ts'

/** `workerData` of a recogniser thread: it loads this when it starts. */
export interface ThreadSettings {
  readonly engine: EngineName
  readonly modelFolder: string
  readonly interpretation: Interpretation
}

/** A sample picture as the master has it. */
export interface SampleFile {
  readonly title: string
  readonly classIndex: number
  readonly image: ImageFacts
  readonly bytes: Uint8Array
}

export type ThreadRequest =
  | { readonly type: 'recognise'; readonly image: ImageFacts; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly type: 'trial'; readonly samples: readonly SampleFile[] }

export interface Recognition {
  /** Best first. */
  readonly classes: RankedClass[]
  readonly thumbnail: Thumbnail
  /** Milliseconds. */
  readonly timings: { readonly decode: number; readonly classify: number }
}

export interface Trial {
  readonly report: SelfTestReport
  /** Photos a second on this thread, decoding excluded. */
  readonly imagesPerSecond: number
  /** The probability of each sample's own class: engines must agree on them. */
  readonly probabilities: number[]
}

export type ThreadReply =
  | { readonly type: 'loaded' }
  | { readonly type: 'done'; readonly result: Recognition | Trial }
  | { readonly type: 'failed'; readonly code: ProblemCode; readonly detail: string }
