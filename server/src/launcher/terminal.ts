/** What a person sees of `npm start`: a few lines, the logs of all processes made readable, a progress bar. */
import { createInterface } from 'node:readline'
import { type Readable, Writable } from 'node:stream'
import type { ModelState } from '@argus/shared'
import { MultiBar, type SingleBar } from 'cli-progress'
import pretty from 'pino-pretty'

type Fetching = Extract<ModelState, { state: 'fetching' }>

/** Standard output, or what stands for it in a test. */
type Output = Pick<NodeJS.WriteStream, 'write' | 'isTTY'> & NodeJS.WritableStream

/** Where the output is no terminal, how often a line tells of the progress. */
const PLAIN_INTERVAL_MS = 5000

export class Terminal {
  readonly #output: Output
  readonly #logs: Writable
  #bars: MultiBar | null = null
  #bar: SingleBar | null = null
  /** What the bar is drawn for. */
  #fetching: string | null = null

  constructor(output: Output = process.stdout) {
    this.#output = output
    this.#logs = pretty({
      colorize: output.isTTY,
      ignore: 'pid,hostname',
      translateTime: 'SYS:HH:MM:ss',
      destination: new Writable({
        write: (text: Buffer, _encoding, done) => {
          this.#write(text.toString('utf8'))
          done()
        },
      }),
    })
  }

  /** Prints a line. */
  say(text: string): void {
    this.#write(`${text}\n`)
  }

  /** Shows a process's log lines; what is no JSON is shown as it is. */
  showLogs(output: Readable): void {
    // Line by line: several processes write at once, and none must cut into another's line.
    createInterface({ input: output }).on('line', (line) => this.#logs.write(`${line}\n`))
  }

  /** Shows how the model's download gets on; null: it is over. */
  showFetching(fetching: Fetching | null): void {
    if (fetching?.name !== this.#fetching) this.#removeBar()
    if (!fetching) return
    const { name, receivedBytes, totalBytes } = fetching
    this.#bar ??= this.#drawBar(name)
    this.#bar.setTotal(totalBytes ?? receivedBytes)
    const received = megabytes(receivedBytes)
    const all = totalBytes === null ? '' : ` of ${megabytes(totalBytes)}`
    this.#bar.update(receivedBytes, { megabytes: received + all })
  }

  #removeBar(): void {
    // Draws once more: lines that were to go above the bar wait for that.
    this.#bars?.update()
    this.#bars?.stop()
    this.#bars = null
    this.#bar = null
    this.#fetching = null
  }

  #drawBar(name: string): SingleBar {
    this.#fetching = name
    this.say(`Fetching ${name}`)
    this.#bars = new MultiBar({
      format: '  {bar} {megabytes} MB',
      barCompleteChar: '━',
      barIncompleteChar: ' ',
      hideCursor: true,
      clearOnComplete: true,
      noTTYOutput: true,
      notTTYSchedule: PLAIN_INTERVAL_MS,
      stream: this.#output,
    })
    return this.#bars.create(1, 0, { megabytes: '' })
  }

  #write(text: string): void {
    // While a bar is drawn, lines go above it.
    if (this.#bars && this.#output.isTTY) this.#bars.log(text)
    else this.#output.write(text)
  }
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1)
}
