/**
 * Makes data/labels.json, the names and descriptions of the 1000 ImageNet-1k classes:
 * `npm run labels --workspace shared [-- FOLDER]`, where FOLDER holds WordNet 3.0's data.noun.
 *
 * The class names of `@tensorflow-models/mobilenet` come without ids. ImageNet's ids are offsets into
 * WordNet 3.0 and ascend with the class index, so each class is matched to a synset by its words, then by its
 * place between settled neighbours, and the few that stay ambiguous by hand. Any doubt ends the run.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { IMAGENET_CLASSES } from '@tensorflow-models/mobilenet/dist/imagenet_classes.js'
import { z } from 'zod'
import { type Label, labelSchema } from '../src/label-schema.ts'

const CLASSES = 1000
const DATA_FOLDER = new URL('../data/', import.meta.url)

/** Lexicographer files of the nouns, in the order of their numbers, which begin at 3. */
const CATEGORIES = (
  'Tops act animal artifact attribute body cognition communication event feeling food group location motive ' +
  'object person phenomenon plant possession process quantity relation shape state substance time'
).split(' ')
const FIRST_CATEGORY = 3

/** Class names that WordNet spells in another way. */
const RESPELT: Readonly<Record<string, string>> = { 'jelly fish': 'jellyfish' }

/** ImageNet's choice where several synsets have the class's words and lie between the same neighbours. */
const SETTLED_BY_HAND = new Map(
  `102 n01872401, 398 n02666196, 411 n02730930, 417 n02782093, 431 n02804414, 438 n02815834, 443 n02834397,
  456 n02879718, 471 n02950826, 488 n02999410, 501 n03045698, 544 n03259280, 549 n03291819, 586 n03478589,
  587 n03481172, 594 n03495258, 597 n03527444, 624 n03661043, 643 n03724870, 664 n03782006, 698 n03877845,
  718 n03933933, 727 n03956157, 733 n03976657, 745 n04009552, 753 n04040759, 758 n04067472, 766 n04111531,
  771 n04125021, 780 n04147183, 783 n04153751, 792 n04208210, 813 n04270147, 815 n04275548, 816 n04277352,
  830 n04336792, 866 n04465501, 902 n04579432, 910 n04597913, 982 n10148035, 987 n12144580`
    .split(/,\s*/)
    .map((pair): [number, string] => [Number(pair.split(' ')[0]), pair.split(' ')[1] ?? '']),
)

type Synset = Pick<Label, 'wordnetId' | 'synonyms' | 'gloss' | 'category'>

function readDataNoun(folder: string): string {
  const file = join(folder, 'data.noun')
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(
      `Cannot read WordNet 3.0's nouns (${reason}).\n` +
        'On Debian: apt-get install wordnet-base. Or give the folder that holds data.noun as an argument.',
    )
  }
  // Other versions have the same words at other offsets, so nothing else would show the mistake early.
  if (!text.slice(0, 2000).includes('WordNet 3.0 ')) throw new Error(`${file} is not WordNet 3.0's`)
  return text
}

/** A line is `offset lex_filenum ss_type w_cnt word lex_id [word lex_id...] pointers... | gloss`. */
function parseSynset(line: string): Synset {
  const bar = line.indexOf(' | ')
  const [offset = '', fileNumber, , wordCount = '', ...rest] = line.slice(0, bar).split(' ')
  const words = rest.slice(0, 2 * Number.parseInt(wordCount, 16)).filter((_, at) => at % 2 === 0)
  const category = CATEGORIES[Number(fileNumber) - FIRST_CATEGORY]
  if (bar < 0 || words.length === 0 || !category) throw new Error(`Not a line of data.noun: ${line}`)
  return {
    wordnetId: `n${offset}`,
    synonyms: words.map((word) => word.replace(/\((?:a|p|ip)\)$/, '').replaceAll('_', ' ')),
    gloss: definition(line.slice(bar + 3)),
    category,
  }
}

/** The part of a gloss before its usage examples, which stand in quotes at its end. */
function definition(gloss: string): string {
  return gloss.replace(/;\s*".*$/, '').replace(/^[;\s]+|[;\s]+$/g, '')
}

function parseSynsets(dataNoun: string): Synset[] {
  // The licence's lines at the top begin with spaces.
  return dataNoun
    .split('\n')
    .filter((line) => /^\d/.test(line))
    .map(parseSynset)
}

/** Map.groupBy, which Node 20 lacks. */
function groupBy<T>(items: Iterable<T>, keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const group = groups.get(keyOf(item))
    if (group) group.push(item)
    else groups.set(keyOf(item), [item])
  }
  return groups
}

/** The same for any order of the words and any use of capitals. */
function wordKey(words: readonly string[]): string {
  return [...new Set(words.map((word) => word.toLowerCase()))].sort().join('|')
}

function classNames(): string[][] {
  return Array.from({ length: CLASSES }, (_, index) => {
    const names = IMAGENET_CLASSES[index]
    if (!names) throw new Error(`@tensorflow-models/mobilenet has no class ${index}`)
    return names.split(', ').map((name) => RESPELT[name] ?? name)
  })
}

/** For each class, all synsets that have exactly its words. */
function findCandidates(classes: readonly string[][], synsets: readonly Synset[]): Synset[][] {
  const byWords = groupBy(synsets, (synset) => wordKey(synset.synonyms))
  return classes.map((names, index) => {
    const found = byWords.get(wordKey(names))
    if (!found) throw new Error(`No synset has the words of class ${index}: ${names.join(', ')}`)
    return found
  })
}

/** The ids in data.noun have equal lengths, so they compare as strings. */
function between(candidates: readonly Synset[], before: Synset | undefined, after: Synset | undefined) {
  return candidates.filter(
    ({ wordnetId }) => (!before || wordnetId > before.wordnetId) && (!after || wordnetId < after.wordnetId),
  )
}

/** Settles classes of which a single candidate lies between the nearest settled ones, until none is left. */
function settleByOrder(candidates: readonly Synset[][], settled: (Synset | undefined)[]): void {
  for (let changed = true; changed; ) {
    changed = false
    candidates.forEach((options, index) => {
      if (settled[index]) return
      const before = settled.slice(0, index).findLast((synset) => synset !== undefined)
      const after = settled.slice(index).find((synset) => synset !== undefined)
      const [only, ...others] = between(options, before, after)
      if (!only || others.length > 0) return
      settled[index] = only
      changed = true
    })
  }
}

/** Takes the table's choices, each of which must be needed and be one of the class's candidates. */
function settleByHand(candidates: readonly Synset[][], settled: (Synset | undefined)[]): void {
  for (const [index, wordnetId] of SETTLED_BY_HAND) {
    const choice = candidates[index]?.find((synset) => synset.wordnetId === wordnetId)
    if (!choice) throw new Error(`Class ${index} is settled by hand as ${wordnetId}, which lacks its words`)
    if (settled[index]) throw new Error(`Class ${index} is settled by hand, but has no need for it`)
    settled[index] = choice
  }
}

function assertAscending(synsets: readonly Synset[]): void {
  synsets.forEach(({ wordnetId }, index) => {
    const before = synsets[index - 1]
    if (before && before.wordnetId >= wordnetId)
      throw new Error(`The ids do not ascend: class ${index} is ${wordnetId}, after ${before.wordnetId}`)
  })
}

function settle(candidates: readonly Synset[][]): Synset[] {
  const settled = candidates.map((options) => (options.length === 1 ? options[0] : undefined))
  const count = () => settled.filter((synset) => synset !== undefined).length
  const byWords = count()
  settleByOrder(candidates, settled)
  const byOrder = count() - byWords
  settleByHand(candidates, settled)
  const synsets = settled.map((synset, index) => {
    if (!synset) throw new Error(`Class ${index} fits several synsets: ${idsOf(candidates[index] ?? [])}`)
    return synset
  })
  assertAscending(synsets)
  console.log(`Settled ${byWords} by words, ${byOrder} by order, ${SETTLED_BY_HAND.size} by hand`)
  return synsets
}

function idsOf(synsets: readonly Synset[]): string {
  return synsets.map((synset) => synset.wordnetId).join(', ')
}

/**
 * A label is the class's first name. Where classes share it (capitals don't count: Cardigan the dog, cardigan
 * the garment) it gets an addition in brackets: the category if that tells them apart, else the class's
 * second name; a class with no second name then keeps the bare label.
 */
function makeLabels(classes: readonly string[][], synsets: readonly Synset[]): string[] {
  const firstName = (index: number) => classes[index]?.[0] ?? ''
  const sharers = groupBy(classes.keys(), (index) => firstName(index).toLowerCase())
  const categoryOf = (index: number) => synsets[index]?.category
  const labels = classes.map((names, index) => {
    const group = sharers.get(firstName(index).toLowerCase()) ?? []
    if (group.length === 1) return firstName(index)
    const categoriesDiffer = new Set(group.map(categoryOf)).size === group.length
    const addition = categoriesDiffer ? categoryOf(index) : names[1]
    return addition ? `${firstName(index)} (${addition})` : firstName(index)
  })
  labels.forEach((label, index) => {
    if (labels.indexOf(label) !== index) throw new Error(`Several classes have the label ${label}`)
  })
  return labels
}

function makeEntries(folder: string): Label[] {
  const classes = classNames()
  const synsets = settle(findCandidates(classes, parseSynsets(readDataNoun(folder))))
  const labels = makeLabels(classes, synsets)
  const entries = synsets.map(({ wordnetId, synonyms, gloss, category }, index) => ({
    index,
    wordnetId,
    label: labels[index],
    synonyms,
    gloss,
    category,
  }))
  return z.array(labelSchema).length(CLASSES).parse(entries)
}

try {
  const entries = makeEntries(process.argv[2] ?? '/usr/share/wordnet')
  mkdirSync(DATA_FOLDER, { recursive: true })
  // One entry a line, so that a change shows as the lines it concerns.
  const lines = entries.map((entry) => JSON.stringify(entry)).join(',\n')
  writeFileSync(new URL('labels.json', DATA_FOLDER), `[\n${lines}\n]\n`)
  console.log(`Wrote data/labels.json with ${entries.length} classes`)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
