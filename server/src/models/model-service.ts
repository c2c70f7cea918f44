/**
 * Finds the one model of the cluster. Sources are tried in their order; each model that one brings is handed
 * to the workers, and serves when the first of them reports that it passed its self-test. A model that fails
 * is set aside, and the next source is tried.
 *
 *   resolving ─► fetching ─► testing ─► serving
 *       ▲            │          │
 *       └── next ────┴──────────┘ failed        (no source left: missing)
 */
import { type ModelDescriptor, type ModelState, ProblemError } from '@argus/shared'
import type { Logger } from '../log.ts'
import type { ModelCache } from './model-cache.ts'
import type { ModelSource } from './model-source.ts'
import { reasonOf } from './reason.ts'

/** What the workers' self-test said of a model. */
type Verdict = { passed: true } | { passed: false; detail: string }

export class ModelService {
  readonly #cache: ModelCache
  readonly #sources: readonly ModelSource[]
  readonly #log: Logger
  readonly #stop = new AbortController()
  readonly #listeners = new Set<() => void>()
  /** Why each source that was tried has not brought the model. */
  readonly #setAside: string[] = []
  #state: ModelState = { state: 'resolving' }
  #offered: ModelDescriptor | null = null
  #judge: ((verdict: Verdict) => void) | null = null

  constructor(cache: ModelCache, sources: readonly ModelSource[], log: Logger) {
    this.#cache = cache
    this.#sources = sources
    this.#log = log
  }

  get state(): ModelState {
    return this.#state
  }

  /** The model that workers are to load: under test, or serving. */
  get offered(): ModelDescriptor | null {
    return this.#offered
  }

  /** The digest that jobs are dealt for; null while no model serves. */
  get servingDigest(): string | null {
    return this.#state.state === 'serving' ? this.#state.digest : null
  }

  /** The name of a model that a result names. */
  nameOf(digest: string): string {
    return this.#offered?.digest === digest ? this.#offered.name : 'unknown'
  }

  /** Path of a file of the offered model, or null where it has no such file. */
  filePath(digest: string, name: string): string | null {
    if (this.#offered?.digest !== digest) return null
    return this.#offered.files.some((file) => file.name === name)
      ? `${this.#cache.folder(digest)}/${name}`
      : null
  }

  /** Calls back at every change of `state` or `offered`. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener)
  }

  /** Tries the sources until a model serves or none is left. */
  async resolve(): Promise<void> {
    for (const source of this.#sources) {
      if (this.#stop.signal.aborted) return
      try {
        const descriptor = await this.#fetch(source)
        if (!descriptor) continue
        await this.#test(descriptor)
        await this.#cache.remember(descriptor, source.pin)
        this.#setState({ state: 'serving', name: descriptor.name, digest: descriptor.digest })
        this.#log.info({ digest: descriptor.digest }, `${descriptor.name} serves, from ${source.label}`)
        return
      } catch (error) {
        if (this.#stop.signal.aborted) return
        const reason = reasonOf(error)
        this.#setAside.push(`${source.label}: ${reason}`)
        this.#offered = null
        this.#setState({ state: 'resolving' })
        this.#log.warn(
          { err: error instanceof ProblemError ? undefined : error },
          `Set aside ${source.label}: ${reason}`,
        )
      }
    }
    const detail = this.#setAside.join('\n') || 'No source of models is set.'
    this.#setState({ state: 'missing', detail })
    this.#log.error(
      'No model can be had; photos wait. Set MODEL_DIR to a folder with a model and start again.',
    )
  }

  /** A worker reports that the model passed its self-test there. */
  accept(digest: string): void {
    if (digest === this.#offered?.digest) this.#judge?.({ passed: true })
  }

  /** A worker reports that the model's files are at fault. Says nothing of one that serves elsewhere already. */
  reject(digest: string, detail: string): void {
    if (digest === this.#offered?.digest) this.#judge?.({ passed: false, detail })
  }

  /** Ends a fetch that is under way. */
  stop(): void {
    this.#stop.abort()
  }

  async #fetch(source: ModelSource): Promise<ModelDescriptor | null> {
    const folder = await this.#cache.newFolder()
    const name = source.label
    // What a source reports after its end would hide what comes next.
    let isFetching = true
    try {
      const report = (receivedBytes: number, totalBytes: number | null) => {
        if (isFetching) this.#setState({ state: 'fetching', name, receivedBytes, totalBytes })
      }
      const fetched = await source.fetch(folder, report, this.#stop.signal)
      isFetching = false
      return fetched && (await this.#cache.adopt(folder, fetched, source.pin))
    } finally {
      isFetching = false
      await this.#cache.discard(folder)
    }
  }

  async #test(descriptor: ModelDescriptor): Promise<void> {
    // A source may end its fetch well although it was told to stop.
    this.#stop.signal.throwIfAborted()
    const verdict = await new Promise<Verdict>((resolve, reject) => {
      this.#stop.signal.addEventListener('abort', reject, { once: true })
      this.#judge = resolve
      this.#offered = descriptor
      this.#setState({ state: 'testing', name: descriptor.name, digest: descriptor.digest })
    })
    this.#judge = null
    if (!verdict.passed) throw new ProblemError('model/self-test', verdict.detail)
  }

  #setState(state: ModelState): void {
    this.#state = state
    for (const listener of this.#listeners) listener()
  }
}
