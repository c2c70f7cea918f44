/** What a photo truly shows, as its client says by the tag `truth`: a WordNet id, or the index of a class. */
import { ProblemError, TRUTH_TAG } from '@argus/shared'
import { LABELS } from '@argus/shared/labels'

/**
 * Reads it.
 *
 * @returns the index of the class, null where there is no such tag; and the tags, with its WordNet id in place of
 *   whatever named it
 * @throws ProblemError `request/invalid` where there is no such class
 */
export function resolveTruth(tags: Readonly<Record<string, string>>): {
  truth: number | null
  tags: Readonly<Record<string, string>>
} {
  const named = tags[TRUTH_TAG]
  if (named === undefined) return { truth: null, tags }
  const label = /^\d{1,3}$/.test(named)
    ? LABELS[Number(named)]
    : LABELS.find(({ wordnetId }) => wordnetId === named.toLowerCase())
  if (!label) {
    throw new ProblemError(
      'request/invalid',
      `tag: ${TRUTH_TAG} has to be a WordNet id of ImageNet, e.g. n02676566, or an index from 0 to 999`,
    )
  }
  return { truth: label.index, tags: { ...tags, [TRUTH_TAG]: label.wordnetId } }
}
