/**
 * The models on the master's disk. Each lies, checked and complete, in a folder named by its digest; two
 * small files say which one served last and which hashes each source had when it was first used.
 */
import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ModelDescriptor, modelDescriptorSchema, ProblemError, SHA256 } from '@argus/shared'
import { z } from 'zod'
import { hasCode } from '../error-code.ts'
import { contentHash, describeModel } from './model-files.ts'
import type { FetchedModel } from './model-source.ts'

/** With a dot, as no file of a model has one there. */
const DESCRIPTOR_FILE = '.descriptor.json'
const INCOMING = 'incoming-'

const currentSchema = z.object({ digest: z.string().regex(SHA256) })
/** By source, the hash of its files when they first passed the self-test. */
const pinsSchema = z.record(z.string(), z.string().regex(SHA256))

export class ModelCache {
  readonly #root: string

  private constructor(root: string) {
    this.#root = root
  }

  /** Makes the folder, and removes what a fetch that was cut off has left. */
  static async open(root: string): Promise<ModelCache> {
    await mkdir(root, { recursive: true })
    const left = (await readdir(root)).filter((name) => name.startsWith(INCOMING))
    for (const name of left) await rm(join(root, name), { recursive: true, force: true })
    return new ModelCache(root)
  }

  /** An empty folder to fetch a model into; `adopt` or `discard` ends its use. */
  async newFolder(): Promise<string> {
    const folder = join(this.#root, `${INCOMING}${randomUUID()}`)
    await mkdir(folder)
    return folder
  }

  async discard(folder: string): Promise<void> {
    await rm(folder, { recursive: true, force: true })
  }

  /**
   * Takes over a fetched model. After this its files never change.
   *
   * @param pin the source's name, where its files must be those of its first use; or null
   * @throws ProblemError `model/source-failed` where they are not
   */
  async adopt(folder: string, fetched: FetchedModel, pin: string | null): Promise<ModelDescriptor> {
    const descriptor = await describeModel(folder, fetched.name, fetched.interpretation)
    if (pin !== null) await this.#checkPin(pin, descriptor)
    await writeFile(join(folder, DESCRIPTOR_FILE), JSON.stringify(descriptor, null, 2))
    const place = this.folder(descriptor.digest)
    // The copy that is there may be the one from which this was made: it stays, whatever happens now.
    if (await isIntact(place, descriptor)) {
      await this.discard(folder)
      return descriptor
    }
    await rm(place, { recursive: true, force: true })
    await rename(folder, place)
    return descriptor
  }

  /** Where the files of a model lie. */
  folder(digest: string): string {
    return join(this.#root, digest)
  }

  /** Makes this model the one that `current` finds at the next start, and holds its source to its files. */
  async remember(descriptor: ModelDescriptor, pin: string | null): Promise<void> {
    await this.#write('current.json', { digest: descriptor.digest })
    if (pin === null) return
    const pins = await this.#read('pins.json', pinsSchema, {})
    await this.#write('pins.json', { ...pins, [pin]: contentHash(descriptor.files) })
  }

  /**
   * The model that served last, with its files hashed anew.
   *
   * @returns null where none has served yet
   * @throws ProblemError `model/source-failed` where its files are damaged or gone
   */
  async current(): Promise<ModelDescriptor | null> {
    const current = await this.#read('current.json', currentSchema.nullable(), null)
    if (!current) return null
    const folder = this.folder(current.digest)
    try {
      const text = await readFile(join(folder, DESCRIPTOR_FILE), 'utf8')
      const kept = modelDescriptorSchema.parse(JSON.parse(text))
      const found = await describeModel(folder, kept.name, kept.interpretation)
      if (found.digest === current.digest) return found
    } catch (error) {
      throw new ProblemError('model/source-failed', `The cached model cannot be read: ${error}`, {
        cause: error,
      })
    }
    throw new ProblemError('model/source-failed', 'The files of the cached model have changed.')
  }

  async #checkPin(pin: string, { files }: ModelDescriptor): Promise<void> {
    const pins = await this.#read('pins.json', pinsSchema, {})
    const recorded = pins[pin]
    if (recorded !== undefined && recorded !== contentHash(files)) {
      throw new ProblemError(
        'model/source-failed',
        'Its files are not those that were recorded at first use.',
      )
    }
  }

  async #read<T>(file: string, schema: z.ZodType<T>, whenMissing: T): Promise<T> {
    try {
      return schema.parse(JSON.parse(await readFile(join(this.#root, file), 'utf8')))
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return whenMissing
      throw new Error(`${join(this.#root, file)} cannot be used: ${error}`, { cause: error })
    }
  }

  async #write(file: string, content: unknown): Promise<void> {
    const scratch = join(this.#root, `${file}.${randomUUID()}`)
    await writeFile(scratch, JSON.stringify(content, null, 2))
    await rename(scratch, join(this.#root, file))
  }
}

async function isIntact(folder: string, { digest, name, interpretation }: ModelDescriptor): Promise<boolean> {
  const kept = await readFile(join(folder, DESCRIPTOR_FILE), 'utf8').catch(() => null)
  if (kept === null) return false
  return describeModel(folder, name, interpretation).then(
    (found) => found.digest === digest,
    () => false,
  )
}
