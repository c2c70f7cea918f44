/**
 * Finds the engine for a model on this machine: the fastest of those that load here, pass the self-test and
 * agree with each other. The choice is remembered, so that the next start tries that one engine only.
 */
import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { arch, cpus, hostname } from 'node:os'
import { join } from 'node:path'
import { ENGINES, type EngineName, engineNameSchema, type ModelDescriptor, ProblemError } from '@argus/shared'
import { z } from 'zod'
import type { Logger } from '../log.ts'
import type { SampleFile, ThreadSettings, Trial } from '../recogniser/messages.ts'
import { RecogniserThread } from '../recogniser/recogniser-thread.ts'
import { isInstalled } from './tfjs-node.ts'

/** All engines agree to 1e-5; a probability that is off by a percent comes from another computation. */
const MAX_DISAGREEMENT = 0.01

const memorySchema = z.record(z.string(), engineNameSchema)
const versionSchema = z.object({ version: z.string() })

export interface EngineChoice {
  readonly engine: EngineName
  /** Photos a second on one thread, decoding excluded. */
  readonly imagesPerSecond: number
}

type TrialOf = EngineChoice & Pick<Trial, 'probabilities'>

export interface ChoiceSettings {
  readonly wanted: 'auto' | EngineName
  readonly model: ModelDescriptor
  readonly thread: Omit<ThreadSettings, 'engine'>
  readonly samples: readonly SampleFile[]
  readonly cacheDir: string
}

/**
 * @throws ProblemError `worker/no-engine` where none loads here, `model/self-test` where the model fails on all
 */
export async function chooseEngine(settings: ChoiceSettings, log: Logger): Promise<EngineChoice> {
  if (settings.wanted !== 'auto') return choose([settings.wanted], settings, log)
  const memory = await EngineMemory.open(settings.cacheDir, settings.model.digest)
  if (memory.engine) {
    try {
      return await choose([memory.engine], settings, log)
    } catch (error) {
      log.warn({ err: error }, `${memory.engine}, chosen before, does not serve any more; trying all engines`)
    }
  }
  const choice = await choose(ENGINES, settings, log)
  await memory.remember(choice.engine)
  return choice
}

async function choose(
  engines: readonly EngineName[],
  settings: ChoiceSettings,
  log: Logger,
): Promise<EngineChoice> {
  const passed: TrialOf[] = []
  const notLoaded: string[] = []
  const failed: string[] = []
  for (const engine of engines) {
    const thread = await RecogniserThread.start({ ...settings.thread, engine }).catch((error: Error) => {
      const reasons = 'code' in error && error.code === 'model/self-test' ? failed : notLoaded
      // tfjs puts the whole topology into some of its messages.
      reasons.push(`${engine}: ${error.message.split('\n')[0]?.slice(0, 300)}`)
      return null
    })
    if (!thread) continue
    try {
      const { report, imagesPerSecond, probabilities } = await thread.trial(settings.samples)
      if (report.passed) passed.push({ engine, imagesPerSecond, probabilities })
      else failed.push(`${report.detail} (${engine})`)
    } finally {
      await thread.stop()
    }
  }
  if (notLoaded.length > 0) log.debug({ notLoaded }, 'Some engines do not load here')
  const fastest = agreeing(passed, log).sort((a, b) => b.imagesPerSecond - a.imagesPerSecond)[0]
  if (fastest) return { engine: fastest.engine, imagesPerSecond: fastest.imagesPerSecond }
  if (failed.length > 0) throw new ProblemError('model/self-test', failed.join(' '))
  throw new ProblemError('worker/no-engine', notLoaded.join('; '))
}

/** Those that give what the last one gives: engines are listed with the most portable one at the end. */
function agreeing(trials: TrialOf[], log: Logger): TrialOf[] {
  const reference = trials.at(-1)
  return trials.filter((trial) => {
    const differences = trial.probabilities.map((p, at) => Math.abs(p - (reference?.probabilities[at] ?? p)))
    const agrees = Math.max(...differences) <= MAX_DISAGREEMENT
    if (!agrees)
      log.warn({ differences }, `${trial.engine} disagrees with ${reference?.engine} and is left out`)
    return agrees
  })
}

/** The file that remembers choices: engine by machine, version of the program, and model. */
class EngineMemory {
  readonly #file: string
  readonly #key: string
  readonly #choices: Record<string, EngineName>

  private constructor(file: string, key: string, choices: Record<string, EngineName>) {
    this.#file = file
    this.#key = key
    this.#choices = choices
  }

  static async open(cacheDir: string, digest: string): Promise<EngineMemory> {
    const { version } = versionSchema.parse(await readJson(new URL('../../package.json', import.meta.url)))
    // An engine that is installed later is to be tried.
    const native = isInstalled() ? 'native' : 'portable'
    const key = [hostname(), arch(), cpus()[0]?.model, version, native, digest].join(' ')
    const file = join(cacheDir, 'engines.json')
    // Missing or damaged, it costs one more measurement.
    const choices = memorySchema.safeParse(await readJson(file).catch(() => ({})))
    return new EngineMemory(file, key, choices.data ?? {})
  }

  get engine(): EngineName | undefined {
    return this.#choices[this.#key]
  }

  async remember(engine: EngineName): Promise<void> {
    await mkdir(join(this.#file, '..'), { recursive: true })
    // Renamed into place: workers of one machine share the file.
    const scratch = `${this.#file}.${randomUUID()}`
    await writeFile(scratch, JSON.stringify({ ...this.#choices, [this.#key]: engine }, null, 2))
    await rename(scratch, this.#file)
  }
}

async function readJson(path: string | URL): Promise<unknown> {
  return JSON.parse(await readFile(path, 'utf8'))
}
