import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { EngineName, ModelDescriptor } from '@argus/shared'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  BLUE,
  COLOURS,
  colourPhoto,
  SILENT,
  scratchFolder,
  TINY_INTERPRETATION,
  useTinyModel,
  writeTinyModel,
} from '../../testing/unit.ts'
import type { SampleFile } from '../recogniser/messages.ts'
import { RecogniserThread } from '../recogniser/recogniser-thread.ts'
import { type ChoiceSettings, chooseEngine, type EngineChoice } from './choose-engine.ts'
import { isInstalled } from './tfjs-node.ts'

const MODEL: ModelDescriptor = {
  digest: 'd'.repeat(64),
  name: 'tiny model',
  interpretation: TINY_INTERPRETATION,
  files: [{ name: 'model.json', bytes: 1, sha256: 'e'.repeat(64) }],
}

describe('chooseEngine', () => {
  const start = RecogniserThread.start
  const model = useTinyModel()
  let samples: SampleFile[]
  let settings: ChoiceSettings
  /** The engines that were tried. */
  let tried: EngineName[]
  /** What came of a choice with nothing remembered. */
  let first: { choice: EngineChoice; tried: EngineName[]; memory: Record<string, EngineName> }

  /** Starts threads as always, and notes it. */
  const startNoted: typeof start = (from) => {
    tried.push(from.engine)
    return start(from)
  }

  function renew(cacheDir: string): void {
    const thread = { modelFolder: model.folder, interpretation: TINY_INTERPRETATION }
    settings = { wanted: 'auto', model: MODEL, thread, samples, cacheDir }
    tried = []
    vi.spyOn(RecogniserThread, 'start').mockImplementation(startNoted)
  }

  beforeAll(async () => {
    samples = await Promise.all(COLOURS.map(colourPhoto))
    renew(join(model.folder, 'cache'))
    first = { choice: await chooseEngine(settings, SILENT), tried, memory: await memory() }
  })
  beforeEach(async () => renew(await scratchFolder()))
  afterEach(() => {
    vi.restoreAllMocks()
  })

  const memory = () => readFile(join(settings.cacheDir, 'engines.json'), 'utf8').then(JSON.parse)

  const remember = (choices: Record<string, EngineName>) =>
    writeFile(join(settings.cacheDir, 'engines.json'), JSON.stringify(choices))

  it('finds, of all engines, one that loads here and passes the self-test, and remembers it', () => {
    expect(first.tried).toEqual(['tfjs-node', 'tfjs-wasm'])
    expect(first.choice.imagesPerSecond).toBeGreaterThan(0)
    expect(Object.values(first.memory)).toEqual([first.choice.engine])
  })

  it('tries only the one that it remembers of this model', async () => {
    await remember(first.memory)
    const { engine } = await chooseEngine(settings, SILENT)
    expect(engine).toBe(first.choice.engine)
    expect(tried).toEqual([engine])
  })

  it('tries all engines for another model, and remembers both', async () => {
    await remember(first.memory)
    await chooseEngine({ ...settings, model: { ...MODEL, digest: 'a'.repeat(64) } }, SILENT)
    expect(tried).toHaveLength(2)
    expect(Object.keys(await memory())).toHaveLength(2)
    expect(await memory()).toMatchObject(first.memory)
  })

  it('tries all engines when the remembered one does not load any more', async () => {
    const [key = ''] = Object.keys(first.memory)
    await remember({ [key]: 'tfjs-node' })
    vi.mocked(RecogniserThread.start).mockImplementation(async (from) => {
      if (from.engine !== 'tfjs-node') return startNoted(from)
      tried.push(from.engine)
      throw new Error('libtensorflow.so.2 is not there')
    })
    expect((await chooseEngine(settings, SILENT)).engine).toBe('tfjs-wasm')
    expect(tried).toEqual(['tfjs-node', 'tfjs-node', 'tfjs-wasm'])
    expect(await memory()).toEqual({ [key]: 'tfjs-wasm' })
  })

  it.each(['not json', '{"other machine":"abacus"}'])(
    'measures anew when its memory is damaged: %s',
    async (text) => {
      await writeFile(join(settings.cacheDir, 'engines.json'), text)
      const { engine } = await chooseEngine(settings, SILENT)
      expect(tried).toHaveLength(2)
      expect(Object.values(await memory())).toEqual([engine])
    },
  )

  it('uses the engine that is forced, and neither asks nor fills its memory', async () => {
    expect(await chooseEngine({ ...settings, wanted: 'tfjs-wasm' }, SILENT)).toMatchObject({
      engine: 'tfjs-wasm',
    })
    expect(tried).toEqual(['tfjs-wasm'])
    await expect(memory()).rejects.toThrow('ENOENT')
  })

  it.skipIf(isInstalled())('says why the forced engine does not load, and tries no other', async () => {
    await expect(chooseEngine({ ...settings, wanted: 'tfjs-node' }, SILENT)).rejects.toMatchObject({
      code: 'worker/no-engine',
      message: expect.stringContaining("tfjs-node: Cannot find package '@tensorflow/tfjs-node'"),
    })
    expect(tried).toEqual(['tfjs-node'])
  })

  it('says what the self-test complains of', async () => {
    const mislabelled = samples.map((sample) => ({ ...sample, classIndex: BLUE.classIndex }))
    await expect(chooseEngine({ ...settings, samples: mislabelled }, SILENT)).rejects.toMatchObject({
      code: 'model/self-test',
      message: expect.stringContaining('It does not recognise 2 of the 3 sample pictures (Red, Green).'),
    })
    await expect(memory()).rejects.toThrow('ENOENT')
  })

  it('leaves out an engine that computes something else', async () => {
    // An engine that is faster than any, but wrong: the real one, with its findings altered.
    vi.mocked(RecogniserThread.start).mockImplementation(async (from) => {
      const thread = await startNoted({ ...from, engine: 'tfjs-wasm' })
      if (from.engine === 'tfjs-wasm') return thread
      const trial = thread.trial.bind(thread)
      vi.spyOn(thread, 'trial').mockImplementation(async (files) => {
        const { report, probabilities } = await trial(files)
        return { report, imagesPerSecond: 1e6, probabilities: probabilities.map((p) => p - 0.02) }
      })
      return thread
    })
    expect((await chooseEngine(settings, SILENT)).engine).toBe('tfjs-wasm')
  })

  it('blames the model, not this machine, when no engine can read its files', async () => {
    const broken = await scratchFolder()
    await writeTinyModel(broken)
    await writeFile(join(broken, 'weights.bin'), new Uint8Array(8))
    const thread = { ...settings.thread, modelFolder: broken }
    await expect(chooseEngine({ ...settings, thread }, SILENT)).rejects.toMatchObject({
      code: 'model/self-test',
    })
  })
})
