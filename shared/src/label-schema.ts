/** The shape of one class in data/labels.json, apart from labels.ts so that its maker needs no such file. */
import { z } from 'zod'

export const labelSchema = z.object({
  /** 0 to 999, in the order of Keras and PyTorch. */
  index: z.int().min(0).max(999),
  /** Offset of the synset in WordNet 3.0's `data.noun`, with an `n` in front. */
  wordnetId: z.string().regex(/^n\d{8}$/),
  /** The first of its names, with an addition in brackets where another class has the same one. */
  label: z.string().min(1),
  synonyms: z.array(z.string()),
  /** WordNet's definition, without its usage examples. */
  gloss: z.string().min(1),
  /** WordNet's lexicographer file without its `noun.`, e.g. `animal`, `artifact`, `food`. */
  category: z.string().min(1),
})
export type Label = z.infer<typeof labelSchema>
