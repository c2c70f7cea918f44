/** The id in the address of a page. */
import type { Params } from 'react-router'

/** As the master takes them: with a version and a variant of RFC 9562. */
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

/** @returns null where it cannot be one, so that nobody needs to be asked for it */
export function idIn({ id = '' }: Params): string | null {
  const lower = id.toLowerCase()
  return UUID.test(lower) ? lower : null
}
