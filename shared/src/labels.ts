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
