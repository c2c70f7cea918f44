import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  BLUE,
  COLOURS,
  colourPhoto,
  damagedPhoto,
  GREEN,
  RED,
  scratchFolder,
  slowPhoto,
  TINY_INTERPRETATION,
  useTinyModel,
} from '../../testing/unit.ts'
import { RecogniserThread } from './recogniser-thread.ts'

describe('RecogniserThread', () => {
  const model = useTinyModel()

  function settings() {
    const interpretation = TINY_INTERPRETATION
    return { engine: 'tfjs-wasm', modelFolder: model.folder, interpretation } as const
  }

  async function started(from = settings()): Promise<RecogniserThread> {
    const thread = await RecogniserThread.start(from)
    onTestFinished(() => thread.stop())
    return thread
  }

  it('recognises one photo after the other', async () => {
    const thread = await started()
    for (const colour of [RED, BLUE]) {
      const { classes, thumbnail, timings } = await thread.recognise(await colourPhoto(colour))
      expect(classes).toHaveLength(5)
      expect(classes[0]?.index).toBe(colour.classIndex)
      expect(thumbnail.type).toBe('image/webp')
      expect(Object.keys(timings)).toEqual(['decode', 'classify'])
    }
  })

  it('names the photo’s fault, and recognises the next one', async () => {
    const thread = await started()
    await expect(thread.recognise(await damagedPhoto())).rejects.toMatchObject({ code: 'image/unreadable' })
    expect((await thread.recognise(await colourPhoto(RED))).classes[0]?.index).toBe(RED.classIndex)
  })

  it('tests and measures the model', async () => {
    const thread = await started()
    const trial = await thread.trial(await Promise.all(COLOURS.map(colourPhoto)))
    expect(trial.report).toEqual({ passed: true })
    expect(trial.imagesPerSecond).toBeGreaterThan(0)
    expect(trial.probabilities).toHaveLength(3)
    expect(Math.min(...trial.probabilities)).toBeGreaterThan(0.9)
  })

  it('reports a model that is not as declared', async () => {
    const thread = await started({
      ...settings(),
      interpretation: { ...TINY_INTERPRETATION, inputRange: [0, 1] },
    })
    const trial = await thread.trial(await Promise.all(COLOURS.map(colourPhoto)))
    expect(trial.report).toMatchObject({
      passed: false,
      detail: expect.stringContaining('input range [-1,1]'),
    })
  })

  it('does not start with a model that the engine cannot read', async () => {
    const broken = await scratchFolder()
    await writeFile(join(broken, 'model.json'), '{}')
    await expect(RecogniserThread.start({ ...settings(), modelFolder: broken })).rejects.toThrow()
  })

  it('takes one question at a time, and mixes up no answers', async () => {
    const thread = await started()
    const [red, green, blue] = await Promise.all([RED, GREEN, BLUE].map(colourPhoto))
    if (!red || !green || !blue) throw new Error('There are three photos')
    const first = thread.recognise(red)
    await expect(thread.recognise(green)).rejects.toThrow('one question at a time')
    expect((await first).classes[0]?.index).toBe(RED.classIndex)
    expect((await thread.recognise(blue)).classes[0]?.index).toBe(BLUE.classIndex)
  })

  it('fails its photo when it is ended, and takes no other', async () => {
    const thread = await started()
    const failed = expect(thread.recognise(slowPhoto())).rejects.toThrow('The thread ended with code 1')
    await thread.stop()
    await failed
    expect(thread.isDead).toBe(true)
    await expect(thread.recognise(await colourPhoto(RED))).rejects.toThrow('The thread ended with code 1')
  })
})
