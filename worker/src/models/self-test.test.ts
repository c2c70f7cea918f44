import type { InputRange, Interpretation } from '@argus/shared'
import { describe, expect, it } from 'vitest'
import { COLOURS } from '../../testing/unit.ts'
import { CLASS_COUNT } from '../recogniser/classify.ts'
import { PICTURE_SIDE } from '../recogniser/picture.ts'
import { selfTest } from './self-test.ts'

const PLAIN: Interpretation = {
  format: 'graph-model',
  inputRange: [-1, 1],
  classOffset: 0,
  activation: 'softmax',
}

const PICTURES = COLOURS.map(({ title, classIndex, rgb }) => {
  const picture = Uint8Array.from({ length: PICTURE_SIDE * PICTURE_SIDE * 3 }, (_, at) => rgb[at % 3] ?? 0)
  return { title, classIndex, picture }
})

/**
 * A model that is truly to be read as told: a class is the more probable, the nearer the first pixel is to its
 * colour in the true range.
 */
function modelReadAs({ inputRange, classOffset, activation }: Interpretation) {
  return (input: Float32Array): Float32Array => {
    const logits = new Float32Array(CLASS_COUNT + classOffset)
    for (const { rgb, classIndex } of COLOURS) {
      const distance = rgb.reduce(
        (sum, value, at) => sum + (scaled(value, inputRange) - (input[at] ?? 0)) ** 2,
        0,
      )
      logits[classIndex + classOffset] = 15 - 4 * distance
    }
    if (activation === 'logits') return logits
    const sum = logits.reduce((total, logit) => total + Math.exp(logit), 0)
    return logits.map((logit) => Math.exp(logit) / sum)
  }
}

function scaled(value: number, [low, high]: InputRange): number {
  return low + ((high - low) * value) / 255
}

const anyOutputs = (values: Float32Array) => () => values

describe('selfTest', () => {
  it.each<Interpretation>([
    PLAIN,
    { ...PLAIN, inputRange: [0, 1] },
    { ...PLAIN, inputRange: [0, 255] },
    { ...PLAIN, classOffset: 1 },
    { ...PLAIN, activation: 'logits' },
    { ...PLAIN, classOffset: 1, activation: 'logits' },
  ])('passes a model that is as declared: $inputRange, offset $classOffset, $activation', (declared) => {
    expect(selfTest(modelReadAs(declared), declared, PICTURES)).toEqual({ passed: true })
  })

  it.each([0, 999, 1002])('complains of %i outputs', (length) => {
    const report = selfTest(anyOutputs(new Float32Array(length)), PLAIN, PICTURES)
    expect(report).toMatchObject({
      passed: false,
      detail: expect.stringContaining(`It has ${length} outputs`),
    })
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('complains of an output that is %d', (value) => {
    const outputs = new Float32Array(CLASS_COUNT)
    outputs[500] = value
    const report = selfTest(anyOutputs(outputs), PLAIN, PICTURES)
    expect(report).toMatchObject({ passed: false, detail: expect.stringContaining('files are damaged') })
  })

  it('complains where a background class is declared that is not there', () => {
    const report = selfTest(modelReadAs(PLAIN), { ...PLAIN, classOffset: 1 }, PICTURES)
    expect(report).toEqual({
      passed: false,
      detail: 'It has no background class, but one is declared to come first.',
    })
  })

  it('complains of logits where probabilities are declared', () => {
    const report = selfTest(modelReadAs({ ...PLAIN, activation: 'logits' }), PLAIN, PICTURES)
    expect(report).toEqual({
      passed: false,
      detail: 'Its outputs are logits, not the probabilities declared.',
    })
  })

  it('complains of probabilities where logits are declared', () => {
    const report = selfTest(modelReadAs(PLAIN), { ...PLAIN, activation: 'logits' }, PICTURES)
    expect(report).toEqual({
      passed: false,
      detail: 'Its outputs are probabilities, not the logits declared.',
    })
  })

  it('complains where the classes begin one output later than declared', () => {
    const report = selfTest(modelReadAs({ ...PLAIN, classOffset: 1 }), PLAIN, PICTURES)
    expect(report).toMatchObject({
      passed: false,
      detail: expect.stringContaining('better with class offset 1 than with the declared 0'),
    })
  })

  it('complains where the classes begin one output earlier than declared', () => {
    const lastIsUnused = (input: Float32Array) => Float32Array.from([...modelReadAs(PLAIN)(input), 0])
    const report = selfTest(lastIsUnused, { ...PLAIN, classOffset: 1 }, PICTURES)
    expect(report).toMatchObject({
      passed: false,
      detail: expect.stringContaining('better with class offset 0 than with the declared 1'),
    })
  })

  it('complains of a wrong input range with which the pictures are recognised all the same', () => {
    const report = selfTest(modelReadAs(PLAIN), { ...PLAIN, inputRange: [0, 1] }, PICTURES)
    expect(report).toEqual({
      passed: false,
      detail:
        'It recognises the sample pictures better with the input range [-1,1] than with the declared [0,1].',
    })
  })

  it('names the pictures that are not recognised', () => {
    const [red, green, blue] = PICTURES
    if (!red || !green || !blue) throw new Error('There are three pictures')
    const swapped = [
      red,
      { ...green, classIndex: blue.classIndex },
      { ...blue, classIndex: green.classIndex },
    ]
    const report = selfTest(modelReadAs(PLAIN), PLAIN, swapped)
    expect(report).toMatchObject({
      passed: false,
      detail: expect.stringContaining('It does not recognise 2 of the 3 sample pictures (Green, Blue).'),
    })
  })

  it('passes nothing without pictures', () => {
    expect(selfTest(modelReadAs(PLAIN), PLAIN, [])).toMatchObject({ passed: false })
  })
})
