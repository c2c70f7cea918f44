/** How often the best classes have the truth among them. */
import type { Accuracy } from '@argus/shared'

/**
 * @param places how many jobs have the truth at which place among their five best classes, 0 standing for none
 * @returns null where there are no jobs
 */
export function accuracyOf(places: ReadonlyMap<number, number>): Accuracy | null {
  const jobs = [...places.values()].reduce((sum, count) => sum + count, 0)
  if (jobs === 0) return null
  return {
    jobs,
    top1: (places.get(1) ?? 0) / jobs,
    top5: (jobs - (places.get(0) ?? 0)) / jobs,
  }
}
