/** Times in words: how many there are, and how they spread. */

/** The smallest value that at least this share (0 to 1) of all values does not exceed; 0 of none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0
}

/** E.g. `p50 0.12 s, p99 0.31 s, max 0.35 s (n = 84)`, of milliseconds. */
export function spread(milliseconds: readonly number[]): string {
  const of = (share: number) => inSeconds(percentile(milliseconds, share))
  return `p50 ${of(0.5)}, p99 ${of(0.99)}, max ${of(1)} (n = ${milliseconds.length})`
}

/** E.g. `1.25 s`; below 100 ms in milliseconds. */
export function inSeconds(milliseconds: number): string {
  return milliseconds < 100 ? `${milliseconds.toFixed(0)} ms` : `${(milliseconds / 1000).toFixed(2)} s`
}
