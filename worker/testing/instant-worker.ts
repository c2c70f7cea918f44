/**
 * A worker process with the real agent and a recogniser that looks at nothing: it answers each photo after a
 * few milliseconds with the same class. Hundreds of them fit on a machine, for tests of the cluster.
 *
 *   node --import tsx worker/testing/instant-worker.ts
 *
 * It reads the settings of a worker, and two of its own: INSTANT_MS, the time it takes for a photo (5), and
 * POISON_SHA256, a list with commas of the hashes of photos that kill it (SIGKILL) as soon as they begin.
 */
import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ModelDescriptor, SHA256 } from '@argus/shared'
import { parseEnvironment, runProcess } from '@argus/shared/process'
import { z } from 'zod'
import { Agent } from '../src/agent.ts'
import { readConfig } from '../src/config.ts'
import { createLog } from '../src/log.ts'
import type { Recognition } from '../src/recogniser/messages.ts'
import type { Photo, PhotoWatch, Pool, Recogniser } from '../src/recogniser/recogniser.ts'

const environmentSchema = z.object({
  INSTANT_MS: z.coerce.number().min(0).default(5),
  POISON_SHA256: z
    .string()
    .transform((list) => list.split(','))
    .pipe(z.array(z.string().trim().regex(SHA256)))
    .default([]),
})
type InstantConfig = z.infer<typeof environmentSchema>

/** A WebP of one pixel. */
const THUMBNAIL = Buffer.from('UklGRiQAAABXRUJQVlA4IBgAAAAwAQCdASoBAAEAAsBMJaQAA3AA/sPgAAA=', 'base64')
const CLASSES = [{ index: 207, probability: 0.9 }]

/** The agent hands it no more photos at once than it has slots. */
class InstantPool implements Pool {
  readonly #config: InstantConfig

  constructor(config: InstantConfig) {
    this.#config = config
  }

  async recognise({ bytes }: Photo, { onBegin }: PhotoWatch): Promise<Recognition> {
    onBegin()
    if (this.#isPoison(bytes)) process.kill(process.pid, 'SIGKILL')
    await sleep(this.#config.INSTANT_MS)
    return {
      classes: CLASSES,
      thumbnail: { type: 'image/webp', bytes: THUMBNAIL },
      timings: { decode: 0, classify: this.#config.INSTANT_MS },
    }
  }

  async close(): Promise<void> {}

  #isPoison(bytes: Uint8Array): boolean {
    const poison = this.#config.POISON_SHA256
    return poison.length > 0 && poison.includes(createHash('sha256').update(bytes).digest('hex'))
  }
}

await runProcess(() => {
  const config = readConfig(process.env)
  const instant = parseEnvironment(environmentSchema, process.env)
  const log = createLog(config)
  const agent = new Agent(config, log, async ({ digest }: ModelDescriptor): Promise<Recogniser> => {
    const imagesPerSecond = 1000 / Math.max(1, instant.INSTANT_MS)
    return { digest, engine: 'tfjs-wasm', imagesPerSecond, pool: new InstantPool(instant) }
  })
  agent.start()

  return (reason) => {
    log.info({ reason }, 'The worker stops')
    return agent.stop()
  }
})
