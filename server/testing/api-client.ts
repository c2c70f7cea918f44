/**
 * A client of the REST API that takes the OpenAPI document at its word: what it sends and what it gets is held
 * against the document, and it keeps record of which operations were answered, and how.
 */
import { type Problem, problemSchema } from '@argus/shared'
import { EventParser, type StreamEvent, typedEvent } from './event-client.ts'
import {
  type ApiAnswer,
  type ApiOperation,
  type ApiRequest,
  isJson,
  mediaTypeOf,
  OpenApiCheck,
  PROBLEM,
  textsOf,
} from './openapi-check.ts'

const EVENT_STREAM = 'text/event-stream'

export class ApiClient {
  readonly #url: string
  readonly #check: OpenApiCheck
  readonly #answered = new Set<string>()

  private constructor(url: string, check: OpenApiCheck) {
    this.#url = url
    this.#check = check
  }

  /**
   * @param url of a master
   * @throws Error where its document is not valid
   */
  static async open(url: string): Promise<ApiClient> {
    const response = await fetch(`${url}/api/v1/openapi.json`)
    return new ApiClient(url, await OpenApiCheck.of(await response.json()))
  }

  get operations(): readonly ApiOperation[] {
    return this.#check.operations
  }

  /** What valid requests got so far that was no problem: `<operation> <status>`. */
  get answered(): ReadonlySet<string> {
    return this.#answered
  }

  /**
   * Calls an operation.
   *
   * @throws Error where the request or the answer does not fit the document, or the answer is a problem
   */
  async call(id: string, request: ApiRequest = {}): Promise<ApiAnswer> {
    this.#assertValid(id, request)
    const answer = await this.#send(id, request)
    if (isProblem(answer)) throw new Error(`${id} was refused: ${JSON.stringify(answer.json)}`)
    this.#answered.add(`${id} ${answer.status}`)
    return answer
  }

  /**
   * Follows a stream of events, and leaves when there is enough.
   *
   * @param isEnough is asked after each event; where it never says so, the end of the stream is awaited
   * @returns the events, in their order
   * @throws Error where the request, the answer or an event does not fit, or the answer is a problem
   */
  async follow(
    id: string,
    request: ApiRequest,
    isEnough: (events: readonly StreamEvent[]) => boolean,
  ): Promise<StreamEvent[]> {
    this.#assertValid(id, request)
    const operation = this.#check.operation(id)
    const response = await fetch(this.#addressOf(operation, request), { headers: { ...request.headers } })
    const { status, headers } = response
    if (mediaTypeOf(headers) !== EVENT_STREAM) {
      throw new Error(`${id} was no stream: ${status} ${await response.text()}`)
    }
    this.#assertFits(id, operation, { status, headers, bytes: new Uint8Array([0]), json: undefined })
    this.#answered.add(`${id} ${status}`)
    const events: StreamEvent[] = []
    const parser = new EventParser()
    for await (const bytes of response.body ?? []) {
      for (const event of parser.read(bytes)) {
        typedEvent(event)
        events.push(event)
        // The connection ends with the loop.
        if (isEnough(events)) return events
      }
    }
    return events
  }

  /**
   * Sends what fits the document but is not done just now, or for a reason that no schema can tell.
   *
   * @returns the problem
   * @throws Error where the request or the answer does not fit the document, or the answer is no problem
   */
  async callRefused(id: string, request: ApiRequest = {}): Promise<Problem> {
    return (await this.refusal(id, request)).problem
  }

  /** As `callRefused`, with the headers that came with the problem. */
  async refusal(id: string, request: ApiRequest = {}): Promise<{ problem: Problem; headers: Headers }> {
    this.#assertValid(id, request)
    const answer = await this.#send(id, request)
    return { problem: problemOf(id, answer), headers: answer.headers }
  }

  /**
   * Sends what the document forbids.
   *
   * @returns the problem
   * @throws Error where the document allows it, the answer does not fit the document, or is no problem
   */
  async callInvalid(id: string, request: ApiRequest): Promise<Problem> {
    const faults = this.#check.requestFaults(this.#check.operation(id), request)
    if (faults.length === 0) throw new Error(`The document allows this request of ${id}`)
    return problemOf(id, await this.#send(id, request))
  }

  #assertValid(id: string, request: ApiRequest): void {
    const faults = this.#check.requestFaults(this.#check.operation(id), request)
    if (faults.length > 0) throw new Error(`The request of ${id} does not fit: ${faults.join('; ')}`)
  }

  async #send(id: string, request: ApiRequest): Promise<ApiAnswer> {
    const operation = this.#check.operation(id)
    const { headers = {}, body = null } = request
    const init = { method: operation.method.toUpperCase(), headers: { ...headers }, body }
    const answer = await read(await fetch(this.#addressOf(operation, request), init))
    this.#assertFits(id, operation, answer)
    return answer
  }

  #assertFits(id: string, operation: ApiOperation, answer: ApiAnswer): void {
    const faults = this.#check.answerFaults(operation, answer)
    if (faults.length === 0) return
    const text = new TextDecoder().decode(answer.bytes.subarray(0, 500))
    throw new Error(`The answer of ${id}, ${answer.status}, does not fit: ${faults.join('; ')}\n${text}`)
  }

  #addressOf({ path }: ApiOperation, { params = {}, query = {} }: ApiRequest): URL {
    const filled = path.replace(/\{(\w+)\}/g, (_all, name: string) => {
      const value = params[name]
      if (value === undefined) throw new Error(`${path} needs ${name}`)
      return encodeURIComponent(value)
    })
    const url = new URL(filled, this.#url)
    for (const [name, value] of Object.entries(query)) {
      for (const text of textsOf(value)) url.searchParams.append(name, text)
    }
    return url
  }
}

async function read(response: Response): Promise<ApiAnswer> {
  const { status, headers } = response
  const bytes = new Uint8Array(await response.arrayBuffer())
  const json: unknown = isJson(mediaTypeOf(headers)) ? JSON.parse(new TextDecoder().decode(bytes)) : undefined
  return { status, headers, bytes, json }
}

function isProblem({ headers }: ApiAnswer): boolean {
  return mediaTypeOf(headers) === PROBLEM
}

function problemOf(id: string, answer: ApiAnswer): Problem {
  if (!isProblem(answer)) throw new Error(`${id} was not refused: ${answer.status}`)
  return problemSchema.parse(answer.json)
}
