/** A master, as it is spoken to over HTTP. */
import type { z } from 'zod'
import { CommandError } from '../exit.ts'
import { Failure, failureOf, unreachable } from './failure.ts'

/** As `fetch` may send it, with the names and values of an address. */
export interface MasterRequest {
  readonly query?: Query
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array<ArrayBuffer>
  readonly signal?: AbortSignal | undefined
}

/** What is undefined is left out. */
export type Query = Readonly<Record<string, string | readonly string[] | undefined>>

export class Master {
  /** Without a slash at its end. */
  readonly url: string
  readonly #headers: Readonly<Record<string, string>>

  /** @param token opens the master's doors, where it has any */
  constructor(url: string, token?: string) {
    this.url = url
    this.#headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  }

  /** What goes with every request. */
  get headers(): Readonly<Record<string, string>> {
    return this.#headers
  }

  /** @param path below `/api/v1` */
  address(path: string, query: Query = {}): string {
    const parameters = new URLSearchParams()
    for (const [name, value] of Object.entries(query)) {
      const texts = value === undefined ? [] : typeof value === 'string' ? [value] : value
      for (const text of texts) parameters.append(name, text)
    }
    return `${this.url}/api/v1${path}${parameters.size > 0 ? `?${parameters}` : ''}`
  }

  /**
   * Reads what is at a path below `/api/v1`.
   *
   * @throws Failure where there is nothing to be had
   */
  async get<T>(path: string, schema: z.ZodType<T>, request: MasterRequest = {}): Promise<T> {
    return this.#read(await this.#send('GET', path, request), schema, request)
  }

  /**
   * Has the master do what is at a path below `/api/v1`.
   *
   * @throws Failure where it does not
   */
  async post<T>(path: string, schema: z.ZodType<T>, request: MasterRequest = {}): Promise<T> {
    return this.#read(await this.#send('POST', path, request), schema, request)
  }

  /**
   * Reads a list that has one document a line.
   *
   * @throws Failure where it breaks off, too
   */
  async *lines<T>(path: string, schema: z.ZodType<T>, request: MasterRequest = {}): AsyncGenerator<T> {
    const { body } = await this.#send('GET', path, request)
    let rest = ''
    try {
      for await (const text of body?.pipeThrough(new TextDecoderStream()) ?? []) {
        const lines = (rest + text).split('\n')
        rest = lines.pop() ?? ''
        for (const line of lines) yield this.parse(line, schema)
      }
    } catch (error) {
      throw this.#failure(error, request)
    }
    if (rest !== '') yield this.parse(rest, schema)
  }

  /** @throws CommandError where the master says something else than was agreed on */
  parse<T>(json: string, schema: z.ZodType<T>): T {
    try {
      return schema.parse(JSON.parse(json))
    } catch (error) {
      throw new CommandError(`What answers at ${this.url} is no Argus master of this version.`, {
        cause: error,
      })
    }
  }

  async #send(method: 'GET' | 'POST', path: string, request: MasterRequest): Promise<Response> {
    const { query, headers, body = null, signal = null } = request
    const init = { method, headers: { ...this.#headers, ...headers }, body, signal }
    const response = await fetch(this.address(path, query), init).catch((error: unknown) => {
      throw this.#failure(error, request)
    })
    if (!response.ok) throw await failureOf(response)
    return response
  }

  async #read<T>(response: Response, schema: z.ZodType<T>, request: MasterRequest): Promise<T> {
    const text = await response.text().catch((error: unknown) => {
      throw this.#failure(error, request)
    })
    return this.parse(text, schema)
  }

  /** Whoever breaks a request off knows why. */
  #failure(error: unknown, { signal }: MasterRequest): unknown {
    if (signal?.aborted || error instanceof CommandError || error instanceof Failure) return error
    return unreachable(this.url, error)
  }
}
