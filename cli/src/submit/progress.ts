/** What a person sees of a submit while it goes on: a bar on a terminal, else a line now and then. */
import { MultiBar, type SingleBar } from 'cli-progress'
import { duration } from '../output/text.ts'
import type { Tally, TallyCounts } from './tally.ts'

/** Standard error, or what stands for it in a test. */
type Output = Pick<NodeJS.WriteStream, 'write' | 'isTTY'> & NodeJS.WritableStream

const TICK_MS = 250
/** Where the output is no terminal, how often a line tells of the progress. */
const PLAIN_INTERVAL_MS = 5000
/** The rate is that of the last seconds. */
const RATE_WINDOW_MS = 15_000
/** How often the same outage is told of. */
const TELL_AGAIN_MS = 60_000

export class Progress {
  readonly #tally: Tally
  /** Whether the ends of the jobs are waited for. */
  readonly #waits: boolean
  readonly #output: Output
  #bars: MultiBar | null
  readonly #bar: SingleBar | null
  readonly #timer: NodeJS.Timeout
  #samples: { readonly at: number; readonly done: number }[] = []
  /** When what was told last of outages. */
  readonly #told = new Map<string, number>()
  #lastLine = ''

  constructor(tally: Tally, waits: boolean, output: Output = process.stderr) {
    this.#tally = tally
    this.#waits = waits
    this.#output = output
    this.#bars = output.isTTY
      ? new MultiBar({
          format: '  {bar} {line}',
          barCompleteChar: '━',
          barIncompleteChar: ' ',
          barsize: 24,
          hideCursor: true,
          clearOnComplete: true,
          stream: output,
        })
      : null
    this.#bar = this.#bars?.create(tally.counts.files, 0, { line: '' }) ?? null
    this.#timer = setInterval(() => this.#tick(), output.isTTY ? TICK_MS : PLAIN_INTERVAL_MS)
  }

  /** Prints a line, above the bar. */
  say(text: string): void {
    if (this.#bars) this.#bars.log(`${text}\n`)
    else this.#output.write(`${text}\n`)
  }

  /**
   * The master does not take what it is sent just now, and this is tried again.
   *
   * @param what of all such failures the same: many uploads fail at once, and others may get through
   */
  noteOutage(what: string, text = what): void {
    const now = Date.now()
    if (now - (this.#told.get(what) ?? Number.NEGATIVE_INFINITY) < TELL_AGAIN_MS) return
    this.#told.set(what, now)
    this.say(`${text}. Trying again.`)
  }

  /** Draws no more; lines are still printed. */
  stop(): void {
    clearInterval(this.#timer)
    // Draws once more: lines that were to go above the bar wait for that.
    this.#bars?.update()
    this.#bars?.stop()
    this.#bars = null
  }

  #tick(): void {
    const { counts } = this.#tally
    const done = this.#waits ? counts.ended + counts.refused : counts.accepted + counts.refused
    const line = progressLine(counts, this.#waits, this.#rate(done))
    if (this.#bar) this.#bar.update(done, { line })
    // While nothing happens there is nothing to tell.
    else if (line !== this.#lastLine) this.#output.write(`${line}\n`)
    this.#lastLine = line
  }

  /** Photos a second; null while it is not known. */
  #rate(done: number): number | null {
    const now = Date.now()
    this.#samples = [...this.#samples.filter(({ at }) => now - at <= RATE_WINDOW_MS), { at: now, done }]
    const [first] = this.#samples
    if (!first || first.at === now) return null
    return ((done - first.done) * 1000) / (now - first.at)
  }
}

/** @param rate photos that are done a second; null while it is not known */
export function progressLine(counts: TallyCounts, waits: boolean, rate: number | null): string {
  const { files, accepted, refused, succeeded, ended } = counts
  const parts = [`${accepted + refused} of ${files} uploaded`]
  if (waits) parts.push(`${succeeded} recognised`)
  const failed = ended - succeeded
  if (failed > 0) parts.push(`${failed} failed`)
  if (refused > 0) parts.push(`${refused} refused`)
  if (rate !== null && rate > 0) {
    const left = files - (waits ? ended + refused : accepted + refused)
    parts.push(`${rate.toFixed(1)}/s`, `${duration(left / rate)} left`)
  }
  return parts.join(', ')
}
