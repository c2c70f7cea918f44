/** A board without a screen: keeps the rows of one view as the web app does, and counts what it is sent. */
import {
  BOARD_NAMESPACE,
  type BoardToMaster,
  comparePlaces,
  type Frame,
  type JobRow,
  type MasterToBoard,
  placeOf,
  type Snapshot,
  type View,
} from '@argus/shared'
import { io, type Socket } from 'socket.io-client'

export class Watcher {
  readonly #socket: Socket<MasterToBoard, BoardToMaster>
  readonly #view: View
  #seq = -1
  #rows: readonly JobRow[] = []
  #bytes = 0
  #messages = 0
  /** Times that a number was missing. */
  gaps = 0

  constructor(url: string, view: View) {
    this.#view = view
    this.#socket = io(`${url}${BOARD_NAMESPACE}`, { transports: ['websocket'], forceNew: true })
    this.#socket.on('frame', (frame) => this.#take(frame))
    this.#socket.on('snapshot', (snapshot) => this.#takeWhole(snapshot))
  }

  get ids(): string[] {
    return this.#rows.map(({ id, revision }) => `${id} ${revision}`)
  }

  get bytes(): number {
    return this.#bytes
  }

  get messages(): number {
    return this.#messages
  }

  async open(): Promise<void> {
    if (!this.#socket.connected) await new Promise<void>((resolve) => this.#socket.once('connect', resolve))
    this.#socket.io.engine.on('packet', ({ data }) => {
      this.#bytes += typeof data === 'string' ? Buffer.byteLength(data) : 0
      this.#messages += 1
    })
    this.#takeWhole(await this.#socket.emitWithAck('open', this.#view))
  }

  close(): void {
    this.#socket.disconnect()
  }

  #takeWhole({ seq, rows }: Snapshot): void {
    this.#seq = seq
    this.#rows = rows
  }

  #take({ seq, rows, left }: Frame): void {
    if (seq !== this.#seq + 1) this.gaps += 1
    this.#seq = seq
    const gone = new Set([...left, ...rows.map(({ id }) => id)])
    const all = [...this.#rows.filter(({ id }) => !gone.has(id)), ...rows]
    this.#rows = all.sort((a, b) => this.#compare(a, b)).slice(0, this.#view.limit)
  }

  #compare(a: JobRow, b: JobRow): number {
    const { sort } = this.#view
    const [one, other] = [placeOf(a, sort), placeOf(b, sort)]
    if (!one || !other) throw new Error('A row has no place in its own list')
    return comparePlaces(one, other, sort)
  }
}
