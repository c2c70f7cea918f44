/** What a worker fetches from its master over HTTP: the model, the sample pictures, and photos. */
import { type ModelFile, problemSchema, SAMPLE_SIDE, sampleSetSchema } from '@argus/shared'
import type { SampleFile } from './recogniser/messages.ts'

/** The master answered, but not with what was asked for. */
export class MasterRefusal extends Error {
  override readonly name = 'MasterRefusal'
  readonly status: number

  constructor(status: number, path: string) {
    super(`The master answers ${status} for ${path}`)
    this.status = status
  }
}

export class MasterApi {
  readonly #url: string
  readonly #token: string

  constructor(masterUrl: string, token: string) {
    this.#url = masterUrl
    this.#token = token
  }

  /** The bytes of a photo; the ticket of its assignment opens it. */
  image(sha256: string, ticket: string, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    return this.#get(`/api/v1/images/${sha256}`, { headers: { 'x-argus-ticket': ticket }, signal })
  }

  modelFile(digest: string, { name }: ModelFile): Promise<Uint8Array<ArrayBuffer>> {
    return this.#get(`/api/v1/models/${digest}/${name}`)
  }

  /** The pictures that every model must recognise. */
  async samples(): Promise<SampleFile[]> {
    const index = Buffer.from(await this.#get('/samples/index.json')).toString('utf8')
    const image = { type: 'image/png', width: SAMPLE_SIDE, height: SAMPLE_SIDE } as const
    return Promise.all(
      sampleSetSchema.parse(JSON.parse(index)).map(async ({ file, title, classIndex }) => {
        return { title, classIndex, image, bytes: await this.#get(`/samples/${file}`) }
      }),
    )
  }

  /** What the master says to whoever it does not let in; null where it lets this worker in, or does not answer. */
  async whyRefused(): Promise<string | null> {
    try {
      const headers = { authorization: `Bearer ${this.#token}` }
      const response = await fetch(`${this.#url}/samples/index.json`, { headers })
      const problem = problemSchema.safeParse(await response.json())
      return problem.success ? `${problem.data.title}. ${problem.data.detail ?? ''}` : null
    } catch {
      // Then it is not there, as the socket has said already.
      return null
    }
  }

  /** fetch keeps its connections open between requests. */
  async #get(path: string, init: RequestInit = {}): Promise<Uint8Array<ArrayBuffer>> {
    const headers = { ...init.headers, authorization: `Bearer ${this.#token}` }
    const response = await fetch(this.#url + path, { ...init, headers })
    if (!response.ok) {
      await response.body?.cancel()
      throw new MasterRefusal(response.status, path)
    }
    return new Uint8Array(await response.arrayBuffer())
  }
}
