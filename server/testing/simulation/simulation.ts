/**
 * One interleaving: a random cluster with random jobs, to which random things happen; then they cease, and all
 * must come to its end. It follows from its seed alone.
 */
import { Cluster } from './cluster.ts'
import { Dice } from './dice.ts'

/** By when everything has ended, after the last thing that went wrong. */
const QUIET_MS = 300_000

/**
 * @param trace is told of all that happens
 * @throws Error where something happened that must not
 */
export function simulate(seed: number, trace?: (line: string) => void): void {
  const random = new Dice(seed)
  const cluster = new Cluster({
    random,
    jobs: random.int(5, 30),
    workers: random.int(2, 5),
    windowJobs: random.pick([4, 10, 1000]),
    trace,
  })
  for (let step = random.int(50, 300); step > 0; step -= 1) {
    cluster.timeline.pass(random.int(0, 120))
    cluster.act()
  }
  const end = cluster.timeline.now + QUIET_MS
  while (!cluster.isQuiet) {
    if (cluster.timeline.now > end) throw new Error(`Not all came to an end: ${cluster.unfinished}`)
    cluster.calm()
    cluster.timeline.pass(500)
  }
  cluster.checkEnds()
}
