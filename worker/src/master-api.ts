/** What a worker fetches from its master over HTTP: the model, the sample pictures, and photos. */
import { type ModelFile, problemSchema, SAMPLE_SIDE, sampleSetSchema } from '@argus/shared'
import { fetchBytes } from './fetch-bytes.ts'
import type { SampleFile } from './recogniser/messages.ts'

export class MasterApi {
  readonly #url: string
  readonly #token: string

  constructor(masterUrl: string, token: string) {
    this.#url = masterUrl
    this.#token = token
  }

  /**
   * The bytes of a photo; the ticket of its assignment opens it.
   *
   * @throws MasterRefusal 404 where it is no more, 403 where the ticket does not open it
   */
  image(sha256: string, ticket: string, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    return this.#get(`/api/v1/images/${sha256}`, { 'x-argus-ticket': ticket }, signal)
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

  #get(path: string, headers = {}, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    const authorization = `Bearer ${this.#token}`
    return fetchBytes(new URL(this.#url + path), { ...headers, authorization }, signal)
  }
}
