/** Clients of server-sent events, as strict as a test has to be, which can be cut off at any byte. */
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import { EVENTS, type EventData, type EventName } from '@argus/shared'

/** As it came. */
export interface StreamEvent {
  /** Null where it has none of its own. */
  readonly id: number | null
  readonly name: EventName
  readonly data: unknown
}

/** Reads events as they come, in pieces of any size. One that has not come whole is none. */
export class EventParser {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true })
  #rest = ''

  /** @throws Error where it is no stream of events as the master writes it */
  read(bytes: Uint8Array): StreamEvent[] {
    const blocks = (this.#rest + this.#decoder.decode(bytes, { stream: true })).split('\n\n')
    this.#rest = blocks.pop() ?? ''
    return blocks.flatMap(parsed)
  }
}

function parsed(block: string): StreamEvent[] {
  const fields = new Map(block.split('\n').map((line) => fieldOf(line, block)))
  const name = fields.get('event')
  // A comment, or how long to wait before coming back.
  if (name === undefined && !fields.has('data')) return []
  if (!isEventName(name)) throw new Error(`There is no such event: ${block.slice(0, 200)}`)
  const id = fields.get('id')
  if (id !== undefined && !/^\d+$/.test(id)) throw new Error(`An odd id: ${id}`)
  return [{ id: id === undefined ? null : Number(id), name, data: JSON.parse(fields.get('data') ?? '') }]
}

function fieldOf(line: string, block: string): [name: string, value: string] {
  const [all, name = '', value = ''] = /^(id|event|data|retry|): ?(.*)$/.exec(line) ?? []
  if (all === undefined) throw new Error(`This is no event: ${block.slice(0, 200)}`)
  return [name, value]
}

function isEventName(name: string | undefined): name is EventName {
  return name !== undefined && Object.hasOwn(EVENTS, name)
}

type TypedEvent = { [Name in EventName]: { readonly name: Name; readonly data: EventData<Name> } }[EventName]

/**
 * Holds an event against what is said of it.
 *
 * @throws Error where it does not fit
 */
export function typedEvent({ id, name, data }: StreamEvent): TypedEvent & { readonly id: number | null } {
  const isOfAJob = name === 'job' || name === 'removed'
  if ((id !== null) !== isOfAJob) throw new Error(`An event "${name}" with the id ${id}`)
  switch (name) {
    case 'job': {
      const job = EVENTS.job.parse(data)
      if (job.revision !== id) throw new Error(`The job has the revision ${job.revision}, its event ${id}`)
      return { id, name, data: job }
    }
    case 'removed':
      return { id, name, data: EVENTS.removed.parse(data) }
    case 'batch':
      return { id, name, data: EVENTS.batch.parse(data) }
    case 'cluster':
      return { id, name, data: EVENTS.cluster.parse(data) }
  }
}

/** The data of the events of one name, in their order. */
export function dataOf<Name extends EventName>(
  events: readonly StreamEvent[],
  name: Name,
): Array<EventData<Name>>
export function dataOf(events: readonly StreamEvent[], name: EventName): unknown[] {
  return events.filter((event) => event.name === name).map((event) => typedEvent(event).data)
}

const UNTIL_MS = 60_000

export interface FollowOptions {
  readonly lastEventId?: number | undefined
  /** It breaks the connection off when so many bytes of the body have come. */
  readonly cutAfterBytes?: number
  /** It reads nothing until it is told to listen. */
  readonly isDeaf?: boolean
}

/** One connection on which events come. */
export class EventClient {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly events: StreamEvent[] = []
  /** Settles when the connection is over; with the fault, where what came was no stream of events. */
  readonly ended: Promise<void>
  readonly #response: IncomingMessage
  readonly #waiting = new Set<() => void>()

  private constructor(
    response: IncomingMessage,
    { cutAfterBytes = Number.POSITIVE_INFINITY, isDeaf = false }: FollowOptions,
  ) {
    this.status = response.statusCode ?? 0
    this.headers = response.headers
    this.#response = response
    const parser = new EventParser()
    let left = cutAfterBytes
    this.ended = new Promise((resolve, reject) => {
      response.on('error', () => undefined)
      response.once('close', resolve)
      response.on('data', (bytes: Buffer) => {
        const mine = bytes.subarray(0, left)
        left -= mine.length
        try {
          this.events.push(...parser.read(mine))
        } catch (error) {
          reject(error)
          this.cut()
        }
        if (left === 0) this.cut()
        for (const look of this.#waiting) look()
      })
      if (isDeaf) response.pause()
    })
    this.ended.catch(() => undefined)
  }

  /** @returns when its headers have come */
  static open(url: string, options: FollowOptions = {}): Promise<EventClient> {
    const { lastEventId } = options
    const headers = lastEventId === undefined ? {} : { 'last-event-id': String(lastEventId) }
    return new Promise((resolve, reject) => {
      // A connection of its own, of which nothing is kept.
      request(url, { headers, agent: false })
        .once('error', reject)
        .once('response', (response) => resolve(new EventClient(response, options)))
        .end()
    })
  }

  /** The id of the last event that came whole and had one. */
  get lastEventId(): number | undefined {
    return this.events.findLast(({ id }) => id !== null)?.id ?? undefined
  }

  cut(): void {
    this.#response.destroy()
  }

  listen(): void {
    this.#response.resume()
  }

  /**
   * Waits until it is so, and looks again with each event.
   *
   * @throws Error where the stream ends first, or it takes a minute
   */
  async until(isSo: (events: readonly StreamEvent[]) => boolean): Promise<void> {
    if (isSo(this.events)) return
    let stop: () => void = () => undefined
    const seen = new Promise<void>((resolve, reject) => {
      const look = () => {
        if (isSo(this.events)) resolve()
      }
      const timer = setTimeout(() => reject(new Error(`Not in time: ${this.#summary()}`)), UNTIL_MS)
      this.#waiting.add(look)
      stop = () => {
        clearTimeout(timer)
        this.#waiting.delete(look)
      }
    })
    try {
      await Promise.race([seen, this.ended])
    } finally {
      stop()
    }
    if (!isSo(this.events)) throw new Error(`It ended: ${this.#summary()}`)
  }

  #summary(): string {
    return `${this.events.length} events, the last ${JSON.stringify(this.events.at(-1))?.slice(0, 500)}`
  }
}

/** A client that comes back whenever it was cut off, as those of browsers do. */
export class PersistentClient {
  readonly #past: StreamEvent[] = []
  /** How often it came back. */
  cuts = 0
  readonly #url: string
  readonly #cutAfterBytes: () => number | undefined
  readonly #done: Promise<void>
  #current: EventClient | null = null
  #isClosed = false

  /**
   * @param cutAfterBytes asked for each connection; undefined leaves it alone
   * @param firstId where the first connection begins
   */
  constructor(url: string, firstId: number | undefined, cutAfterBytes: () => number | undefined) {
    this.#url = url
    this.#cutAfterBytes = cutAfterBytes
    this.#done = this.#run(firstId)
    this.#done.catch(() => undefined)
  }

  /** Ends it for good. */
  cut(): void {
    this.#isClosed = true
    this.#current?.cut()
  }

  /** As `cut`, and waits for it. @throws what went wrong before */
  async close(): Promise<void> {
    this.cut()
    await this.#done
  }

  async #run(firstId: number | undefined): Promise<void> {
    let lastEventId = firstId
    while (!this.#isClosed) {
      const cutAfterBytes = this.#cutAfterBytes()
      const client = await EventClient.open(this.#url, {
        lastEventId,
        ...(cutAfterBytes !== undefined && { cutAfterBytes }),
      }).catch(() => null)
      if (!client) {
        // The master is gone just now.
        await new Promise((resolve) => setTimeout(resolve, 50))
        continue
      }
      if (client.status !== 200) throw new Error(`It was answered ${client.status}`)
      this.#current = client
      if (this.#isClosed) client.cut()
      await client.ended
      this.#current = null
      this.#past.push(...client.events)
      lastEventId = client.lastEventId ?? lastEventId
      this.cuts += 1
    }
  }

  /** All that came so far, on the connection that is open as well. */
  get seen(): readonly StreamEvent[] {
    return [...this.#past, ...(this.#current?.events ?? [])]
  }
}
