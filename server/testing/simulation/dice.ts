/** Chance as the simulation wants it. */
import { Random } from '../random.ts'

export type Weights<T> = ReadonlyArray<readonly [T, number]>

export class Dice extends Random {
  /** A whole number, both ends included. */
  int(low: number, high: number): number {
    return low + this.below(high - low + 1)
  }

  /** One of these, each as often as its weight says. */
  weighted<T>(weights: Weights<T>): T {
    let left = this.next() * weights.reduce((sum, [, weight]) => sum + weight, 0)
    for (const [item, weight] of weights) {
      left -= weight
      if (left < 0) return item
    }
    throw new Error('There is nothing to pick')
  }
}
