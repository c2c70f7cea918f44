/** Whether a tag is one that the master takes, told while it is entered rather than for each photo. */
import { MAX_TAGS, TAG } from '@argus/shared/vocabulary'

/**
 * @param tags those that there are already
 * @returns null where nothing is wrong with it
 */
export function tagProblem(tag: string, tags: readonly string[]): 'form' | 'twice' | 'full' | null {
  if (!TAG.test(tag)) return 'form'
  if (tags.some((other) => nameOf(other) === nameOf(tag))) return 'twice'
  return tags.length >= MAX_TAGS ? 'full' : null
}

function nameOf(tag: string): string {
  return tag.slice(0, tag.indexOf('='))
}
