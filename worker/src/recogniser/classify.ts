/** From a model's raw outputs to the classes of ImageNet-1k, as the model's entry says they are to be read. */
import type { Interpretation, Outcome } from '@argus/shared'

export const CLASS_COUNT = 1000

export type RankedClass = Extract<Outcome, { end: 'succeeded' }>['classes'][number]

/** Probabilities of the 1000 classes. */
export function toProbabilities(
  outputs: Float32Array,
  { activation, classOffset }: Pick<Interpretation, 'activation' | 'classOffset'>,
): Float32Array {
  const all = activation === 'logits' ? softmax(outputs) : outputs
  return all.subarray(classOffset, classOffset + CLASS_COUNT)
}

/** The most probable classes, best first. */
export function best(probabilities: Float32Array, count: number): RankedClass[] {
  return Array.from(probabilities, (probability, index) => ({ index, probability }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, count)
    .map(({ index, probability }) => ({ index, probability: Math.min(1, Math.max(0, probability)) }))
}

function softmax(logits: Float32Array): Float32Array {
  // Subtracting the largest keeps exp() finite and changes nothing else.
  const largest = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
  const exponentials = logits.map((logit) => Math.exp(logit - largest))
  const sum = exponentials.reduce((a, b) => a + b, 0)
  return exponentials.map((value) => value / sum)
}
