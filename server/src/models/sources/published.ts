/** A model at an address: `model.json` and the weights beside it. */
import { createWriteStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { ProblemError } from '@argus/shared'
import type { PublishedEntry } from '../catalogue.ts'
import { MODEL_JSON, parseModelJson } from '../model-files.ts'
import type { FetchedModel, ModelSource, ReportProgress } from '../model-source.ts'
import { reasonOf } from '../reason.ts'
import { StallWatch } from '../stall-watch.ts'

/** No MobileNet has more; a source that sends more is no model. */
const MAX_MODEL_BYTES = 200_000_000

/** @param stallSeconds a download that brings next to nothing for so long is given up */
export function publishedSource(entry: PublishedEntry, stallSeconds: number): ModelSource {
  return {
    label: `${entry.name} at ${entry.url}`,
    pin: entry.url,
    async fetch(into, report, signal): Promise<FetchedModel> {
      const stall = new StallWatch(stallSeconds)
      const download = new Download(report, AbortSignal.any([signal, stall.signal]), stall)
      try {
        await download.file(new URL(entry.url), join(into, MODEL_JSON))
        const { weightFiles, weightBytes } = parseModelJson(await readFile(join(into, MODEL_JSON), 'utf8'))
        download.expect(weightBytes)
        for (const file of weightFiles) await download.file(new URL(file, entry.url), join(into, file))
        return entry
      } catch (error) {
        if (error instanceof ProblemError) throw error
        throw new ProblemError('model/source-failed', reasonOf(stall.signal.reason ?? error), {
          cause: error,
        })
      } finally {
        stall.stop()
      }
    },
  }
}

/** Downloads several files and counts their bytes together. */
class Download {
  readonly #report: ReportProgress
  readonly #signal: AbortSignal
  readonly #stall: StallWatch
  #received = 0
  #total: number | null = null

  constructor(report: ReportProgress, signal: AbortSignal, stall: StallWatch) {
    this.#report = report
    this.#signal = signal
    this.#stall = stall
  }

  /** So many bytes are still to come. */
  expect(bytes: number): void {
    this.#total = this.#received + bytes
  }

  async file(url: URL, path: string): Promise<void> {
    const response = await fetch(url, { signal: this.#signal })
    if (!response.ok || !response.body) throw new Error(`${url} answers ${response.status}`)
    const count = new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        this.#received += chunk.length
        this.#stall.received(chunk.length)
        this.#report(this.#received, this.#total && Math.max(this.#total, this.#received))
        done(this.#received > MAX_MODEL_BYTES ? new Error('It is larger than any model') : null, chunk)
      },
    })
    await pipeline(Readable.fromWeb(response.body), count, createWriteStream(path), { signal: this.#signal })
  }
}
