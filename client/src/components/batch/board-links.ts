/** Addresses of the board that list jobs of a batch. */

export function jobsOf(batch: string, label?: string): string {
  const query = new URLSearchParams({ batch })
  if (label !== undefined) query.set('class', label)
  return `/?${query}`
}
