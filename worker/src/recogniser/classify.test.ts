import { describe, expect, it } from 'vitest'
import { best, CLASS_COUNT, toProbabilities } from './classify.ts'

/** As many outputs, 0 but for the named ones. */
function outputs(length: number, named: Record<number, number>): Float32Array {
  return Float32Array.from({ length }, (_, index) => named[index] ?? 0)
}

describe('toProbabilities', () => {
  it('leaves probabilities as they are', () => {
    const values = outputs(CLASS_COUNT, { 3: 0.75, 4: 0.25 })
    expect(toProbabilities(values, { activation: 'softmax', classOffset: 0 })).toEqual(values)
  })

  it('drops the background class where the classes begin at 1', () => {
    const values = outputs(CLASS_COUNT + 1, { 0: 0.5, 1: 0.2, 1000: 0.3 })
    const probabilities = toProbabilities(values, { activation: 'softmax', classOffset: 1 })
    expect(probabilities).toEqual(outputs(CLASS_COUNT, { 0: Math.fround(0.2), 999: Math.fround(0.3) }))
  })

  it('takes the classes at the start where those are 1001 outputs without an offset', () => {
    const values = outputs(CLASS_COUNT + 1, { 0: 0.5, 1000: 0.5 })
    expect(toProbabilities(values, { activation: 'softmax', classOffset: 0 })).toEqual(
      outputs(CLASS_COUNT, { 0: 0.5 }),
    )
  })

  it('turns logits into probabilities of which the background class keeps its share', () => {
    const values = outputs(CLASS_COUNT + 1, { 0: Math.log(999), 1: Math.log(1001) })
    const probabilities = toProbabilities(values, { activation: 'logits', classOffset: 1 })
    // 999 + 1001 + 999 classes of exp(0).
    expect(probabilities[0]).toBeCloseTo(1001 / 2999, 5)
    expect(probabilities.reduce((a, b) => a + b, 0)).toBeCloseTo(2000 / 2999, 4)
  })

  it('stays finite with logits of any size', () => {
    const values = outputs(CLASS_COUNT, { 5: 1e6, 6: -1e6 })
    const probabilities = toProbabilities(values, { activation: 'logits', classOffset: 0 })
    expect(probabilities).toEqual(outputs(CLASS_COUNT, { 5: 1 }))
  })
})

describe('best', () => {
  it('gives the most probable classes, best first', () => {
    const values = outputs(CLASS_COUNT, { 2: 0.125, 400: 0.5, 999: 0.25 })
    expect(best(values, 3)).toEqual([
      { index: 400, probability: 0.5 },
      { index: 999, probability: 0.25 },
      { index: 2, probability: 0.125 },
    ])
  })

  it('keeps what rounding has pushed out of 0 to 1 within it', () => {
    expect(best(new Float32Array([1.0000001, -0.0000001]), 2)).toEqual([
      { index: 0, probability: 1 },
      { index: 1, probability: 0 },
    ])
  })
})
