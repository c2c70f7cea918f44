/**
 * The 1000 classes of ImageNet-1k with their names and descriptions from WordNet 3.0.
 *
 * An entry point of its own, because it reads its data file (some 200 KB): a browser has no use for that.
 * The file is made by `npm run labels --workspace shared`.
 */
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { type Label, labelSchema } from './label-schema.ts'

export { type Label, labelSchema } from './label-schema.ts'

/** All classes, in the order of their index. */
export const LABELS: readonly Label[] = z
  .array(labelSchema)
  .length(1000)
  .parse(JSON.parse(readFileSync(new URL('../data/labels.json', import.meta.url), 'utf8')))

const byWordnetId = new Map(LABELS.map(({ wordnetId, index }) => [wordnetId, index]))

/**
 * The classes that a text names: the one with this WordNet id; those that are called so; or else those in whose
 * names each word of the text begins a word.
 *
 * @returns indexes in ascending order, none where nothing is called so
 */
export function findClasses(text: string): number[] {
  const wanted = text.trim().toLowerCase()
  const byId = byWordnetId.get(wanted)
  if (byId !== undefined) return [byId]
  const called = LABELS.filter((label) => namesOf(label).includes(wanted))
  const found = called.length > 0 ? called : LABELS.filter((label) => beginsWords(label, wanted))
  return found.map(({ index }) => index)
}

function namesOf({ label, synonyms }: Label): string[] {
  return [label, ...synonyms].map((name) => name.toLowerCase())
}

function beginsWords(label: Label, text: string): boolean {
  const wanted = wordsOf(text)
  return (
    wanted.length > 0 &&
    namesOf(label).some((name) =>
      wanted.every((beginning) => wordsOf(name).some((word) => word.startsWith(beginning))),
    )
  )
}

function wordsOf(text: string): string[] {
  return text.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '')
}
