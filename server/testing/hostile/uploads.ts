/** What is sent to the upload door: as an HTTP library would, or as bytes that none would send. */
import type { OutgoingHttpHeaders } from 'node:http'

/** One that any HTTP library would send. */
export interface WellFormedUpload {
  readonly kind: 'well-formed'
  readonly description: string
  readonly target: string
  readonly headers: OutgoingHttpHeaders
  readonly body: Buffer
  /** Sent without its length, in pieces of this many bytes. */
  readonly chunkBytes: number | null
}

export interface RawUpload {
  readonly kind: 'raw'
  readonly description: string
  readonly bytes: Buffer
  /** How the client goes on: it waits for an answer, says that no more comes, or breaks the connection off. */
  readonly ending: 'wait' | 'end' | 'reset'
}

export type HostileUpload = WellFormedUpload | RawUpload
