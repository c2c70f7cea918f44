/** What a person sees of `npm start`: a few lines, the logs of all processes made readable, a progress bar. */
import { type Readable, Writable } from 'node:stream'
import type { ModelState } from '@argus/shared'
import { MultiBar, type SingleBar } from 'cli-progress'
import pretty from 'pino-pretty'

type Fetching = Extract<ModelState, { state: 'fetching' }>

const MEGABYTE = 1_000_000

export class Terminal {
  readonly #logs = pretty({
    colorize: process.stdout.isTTY,
    ignore: 'pid,hostname',
    translateTime: 'SYS:HH:MM:ss',
    destination: new Writable({
      write: (text: Buffer, _encoding, done) => {
        this.#write(text.toString('utf8'))
        done()
      },
    }),
  })
  #bars: MultiBar | null = null
  #bar: SingleBar | null = null

  /** Prints a line. */
  say(text: string): void {
    this.#write(`${text}\n`)
  }

  /** Shows a process's log lines; what is no JSON is shown as it is. */
  showLogs(output: Readable): void {
    output.pipe(this.#logs, { end: false })
  }

  /** Shows how the model's download gets on; null: it is over. */
  showFetching(fetching: Fetching | null): void {
    if (!fetching) {
      this.#bars?.stop()
      this.#bars = null
      this.#bar = null
      return
    }
    const total = (fetching.totalBytes ?? 0) / MEGABYTE
    const received = fetching.receivedBytes / MEGABYTE
    if (!this.#bar) {
      this.say(`Fetching ${fetching.name}`)
      // Where output goes to a file, a line now and then.
      this.#bars = new MultiBar({
        format: fetching.totalBytes ? '  {bar} {value} of {total} MB' : '  {value} MB',
        formatValue: (value, _options, type) => (type === 'percentage' ? String(value) : value.toFixed(1)),
        hideCursor: true,
        clearOnComplete: true,
        noTTYOutput: true,
        notTTYSchedule: 5000,
      })
      this.#bar = this.#bars.create(total, received)
    }
    this.#bar.setTotal(Math.max(total, received))
    this.#bar.update(received)
  }

  #write(text: string): void {
    // While a bar is drawn, lines go above it.
    if (this.#bars && process.stdout.isTTY) this.#bars.log(text)
    else process.stdout.write(text)
  }
}
