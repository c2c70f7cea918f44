/** Instants as a field for the local time has them. */

/** `2025-01-01T12:00:00Z` → `2025-01-01T13:00`, an hour east of Greenwich; nothing where it is no instant. */
export function localTimeOf(instant: string | null): string {
  const epoch = Date.parse(instant ?? '')
  if (Number.isNaN(epoch)) return ''
  const offset = new Date(epoch).getTimezoneOffset() * 60_000
  return new Date(epoch - offset).toISOString().slice(0, 16)
}

/**
 * @param local as the field has it; empty for none
 * @param before the instant that the field was filled with: it may be more exact, and stays where nothing was changed
 */
export function instantOf(local: string, before: string | null): string {
  if (local === '') return ''
  return before !== null && localTimeOf(before) === local ? before : new Date(local).toISOString()
}
