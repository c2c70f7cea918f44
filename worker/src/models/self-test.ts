/**
 * Checks a model before it serves: it must recognise the project's sample pictures, and it must do so best
 * when it is read as its entry declares. A wrong input range often costs only a point or two of accuracy, and
 * would never be noticed otherwise.
 */
import type { InputRange, Interpretation } from '@argus/shared'
import { best, CLASS_COUNT, toProbabilities } from '../recogniser/classify.ts'
import { type Picture, toInput } from '../recogniser/picture.ts'

export interface SelfTestPicture {
  readonly title: string
  readonly classIndex: number
  readonly picture: Picture
}

export type SelfTestReport = { passed: true } | { passed: false; detail: string }

const RANGES: readonly InputRange[] = [
  [-1, 1],
  [0, 1],
  [0, 255],
]
/** Keeps the logarithm of a probability of 0 finite. */
const TINY = 1e-12

/**
 * @param run the loaded model
 * @param declared how its entry says it is to be read
 */
export function selfTest(
  run: (input: Float32Array) => Float32Array,
  declared: Interpretation,
  pictures: readonly SelfTestPicture[],
): SelfTestReport {
  const runAll = (range: InputRange) => pictures.map(({ picture }) => run(toInput(picture, range)))
  const outputs = runAll(declared.inputRange)
  const malformed = checkForm(outputs, declared)
  if (malformed !== null) return { passed: false, detail: malformed }
  const complaints = [
    checkClasses(outputs, declared, pictures),
    checkOffset(outputs, declared, pictures),
    checkRange(outputs, declared, pictures, runAll),
  ].filter((complaint) => complaint !== null)
  return complaints.length === 0 ? { passed: true } : { passed: false, detail: complaints.join(' ') }
}

/** The number of outputs, and whether they are what the declared activation gives. */
function checkForm(outputs: Float32Array[], { activation, classOffset }: Interpretation): string | null {
  const length = outputs[0]?.length ?? 0
  if (length < CLASS_COUNT || length > CLASS_COUNT + 1) {
    return `It has ${length} outputs; ${CLASS_COUNT}, or one more with a background class, are expected.`
  }
  if (outputs.some((values) => values.some((value) => !Number.isFinite(value)))) {
    return 'It gives values that are no numbers: its files are damaged.'
  }
  const areProbabilities = outputs.every(isDistribution)
  if (classOffset > length - CLASS_COUNT)
    return 'It has no background class, but one is declared to come first.'
  if (activation === 'softmax' && !areProbabilities)
    return 'Its outputs are logits, not the probabilities declared.'
  if (activation === 'logits' && areProbabilities)
    return 'Its outputs are probabilities, not the logits declared.'
  return null
}

function checkOffset(
  outputs: Float32Array[],
  declared: Interpretation,
  pictures: readonly SelfTestPicture[],
): string | null {
  const possible = (outputs[0]?.length ?? 0) - CLASS_COUNT
  const other = { ...declared, classOffset: 1 - declared.classOffset }
  if (other.classOffset > possible || score(outputs, declared, pictures) > score(outputs, other, pictures))
    return null
  return `It recognises the sample pictures better with class offset ${other.classOffset} than with the declared ${declared.classOffset}.`
}

function checkRange(
  outputs: Float32Array[],
  declared: Interpretation,
  pictures: readonly SelfTestPicture[],
  runAll: (range: InputRange) => Float32Array[],
): string | null {
  const declaredScore = score(outputs, declared, pictures)
  const others = RANGES.filter((range) => String(range) !== String(declared.inputRange))
  const better = others.find((range) => score(runAll(range), declared, pictures) >= declaredScore)
  if (!better) return null
  return `It recognises the sample pictures better with the input range [${better}] than with the declared [${declared.inputRange}].`
}

function checkClasses(
  outputs: Float32Array[],
  declared: Interpretation,
  pictures: readonly SelfTestPicture[],
): string | null {
  const missed = pictures.filter(({ classIndex }, at) => {
    const probabilities = probabilitiesOf(outputs[at], declared)
    return best(probabilities, 1)[0]?.index !== classIndex
  })
  if (missed.length === 0) return null
  const titles = missed.map(({ title }) => title).join(', ')
  return `It does not recognise ${missed.length} of the ${pictures.length} sample pictures (${titles}).`
}

/** Mean log-probability of the right classes: finer than counting hits. */
function score(
  outputs: Float32Array[],
  interpretation: Interpretation,
  pictures: readonly SelfTestPicture[],
): number {
  const logs = pictures.map(({ classIndex }, at) =>
    Math.log((probabilitiesOf(outputs[at], interpretation)[classIndex] ?? 0) + TINY),
  )
  return logs.reduce((sum, log) => sum + log, 0) / logs.length
}

function probabilitiesOf(outputs: Float32Array | undefined, interpretation: Interpretation): Float32Array {
  return toProbabilities(outputs ?? new Float32Array(), interpretation)
}

function isDistribution(values: Float32Array): boolean {
  const sum = values.reduce((a, b) => a + b, 0)
  return Math.abs(sum - 1) < 1e-3 && values.every((value) => value >= 0)
}
