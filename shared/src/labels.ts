/**
 * The 1000 classes of ImageNet-1k with their names and descriptions from WordNet 3.0.
 *
 * An entry point of its own, because it reads its data file (some 300 KB): a browser has no use for that.
 * The file is made by `npm run labels --workspace shared`.
 */
import { readFileSync } from 'node:fs'
import { z } from 'zod'

export const labelSchema = z.object({
  /** 0 to 999, in the order of Keras and PyTorch. */
  index: z.int().min(0).max(999),
  /** Offset of the synset in WordNet 3.0's `data.noun`, with an `n` in front. */
  wordnetId: z.string().regex(/^n\d{8}$/),
  /** The first of its names. */
  label: z.string().min(1),
  synonyms: z.array(z.string()),
  /** WordNet's definition, without its usage examples. */
  gloss: z.string().min(1),
  /** WordNet's lexicographer file without its `noun.`, e.g. `animal`, `artifact`, `food`. */
  category: z.string().min(1),
})
export type Label = z.infer<typeof labelSchema>

/** All classes, in the order of their index. */
export const LABELS: readonly Label[] = z
  .array(labelSchema)
  .length(1000)
  .parse(JSON.parse(readFileSync(new URL('../data/labels.json', import.meta.url), 'utf8')))
