/**
 * What a submit has come to, on disk: with it, the same command goes on where an earlier one was killed.
 *
 * A line of JSON each: first the key of the batch, then the batch, then every file that was accepted. The first is
 * on disk before the master hears of the key, so whatever the master may have got under it is found again. The
 * others may be lost: what they tell of is sent once more with the same key, and so makes no second job.
 */
import { createHash, randomUUID } from 'node:crypto'
import { closeSync, fsyncSync, ftruncateSync, openSync, writeSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'
import { z } from 'zod'
import { isSystemError } from '../exit.ts'
import type { PhotoFile } from './paths.ts'

/** The master forgets keys after 24 hours; the last uploads of a journal need some time, too. */
const MAX_AGE_MS = 23 * 3600_000

/** Until then, whoever comes back is told that it is too late. */
const FORGOTTEN_MS = 7 * 24 * 3600_000
const JOURNAL_NAME = /^submit-[0-9a-f]{32}\.ndjson$/

const at = z.int().describe('When it was written.')
const keyLine = z.strictObject({ at, key: z.uuid() })
const batchLine = z.strictObject({ at, batch: z.uuid(), owner: z.string() })
const fileLine = z.strictObject({
  at,
  file: z.int().min(0).describe('Its place in the list.'),
  job: z.uuid(),
})
const lineSchema = z.union([fileLine, batchLine, keyLine])

export interface JournalBatch {
  readonly id: string
  /** The master may know its client by the address, which may change. */
  readonly owner: string
}

/** What a journal has noted. */
export interface JournalState {
  readonly key: string
  readonly batch: JournalBatch | null
  /** Jobs by the place of their file in the list. */
  readonly accepted: ReadonlyMap<number, string>
  /** When the last line was written. */
  readonly lastAt: number
  /** How far the file is whole. */
  readonly bytes: number
}

/** What makes two submits the same. */
export interface JournalSubject {
  readonly master: string
  /** Of the batch and all photos. */
  readonly options: Readonly<Record<string, unknown>>
  readonly files: readonly PhotoFile[]
  /** By base name. */
  readonly truths: ReadonlyMap<string, string>
}

/** Where the journal of such a submit is. */
export function journalPath({ master, options, files, truths }: JournalSubject, env = process.env): string {
  const hash = createHash('sha256')
  const add = (value: unknown) => hash.update(`${JSON.stringify(value)}\n`)
  add([master, Object.entries(options).sort()])
  for (const { path, bytes, modifiedMs, name } of files) add([path, bytes, modifiedMs, truths.get(name)])
  return join(stateFolder(env), `submit-${hash.digest('hex').slice(0, 32)}.ndjson`)
}

/** As the XDG Base Directory Specification has it: a path that is not absolute is to be ignored. */
function stateFolder({ XDG_STATE_HOME }: NodeJS.ProcessEnv): string {
  const isSet = XDG_STATE_HOME !== undefined && isAbsolute(XDG_STATE_HOME)
  return join(isSet ? XDG_STATE_HOME : join(homedir(), '.local', 'state'), 'argus')
}

/** @returns null where there is none, or none that ever came to its first line */
export async function readJournal(path: string): Promise<JournalState | null> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (isSystemError(error) && error.code === 'ENOENT') return ''
    throw error
  })
  let key: string | null = null
  let batch: JournalBatch | null = null
  const accepted = new Map<number, string>()
  let [lastAt, bytes] = [0, 0]
  // Behind the last end of a line is nothing, or a line that was torn off.
  for (const written of text.split('\n').slice(0, -1)) {
    const line = parseLine(written)
    if (line === null) break
    if ('key' in line) key = line.key
    else if ('batch' in line) batch = { id: line.batch, owner: line.owner }
    else accepted.set(line.file, line.job)
    lastAt = line.at
    bytes += Buffer.byteLength(written) + 1
  }
  return key === null ? null : { key, batch, accepted, lastAt, bytes }
}

function parseLine(text: string): z.infer<typeof lineSchema> | null {
  try {
    return lineSchema.parse(JSON.parse(text))
  } catch {
    return null
  }
}

/** Whether the master may have forgotten the keys of what was being sent when the journal ended. */
export function isTooOld({ lastAt }: JournalState, now = Date.now()): boolean {
  return now - lastAt > MAX_AGE_MS
}

export class Journal {
  readonly path: string
  /** Of the batch. */
  readonly key: string
  /** Null when it is closed. */
  #file: number | null

  private constructor(path: string, key: string, file: number) {
    this.path = path
    this.key = key
    this.#file = file
  }

  /** Begins a journal, in place of any other at this path. */
  static async create(path: string): Promise<Journal> {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await removeForgotten(dirname(path))
    const file = openSync(path, 'w', 0o600)
    const journal = new Journal(path, randomUUID(), file)
    journal.#write({ key: journal.key })
    fsyncSync(file)
    return journal
  }

  /** Goes on with a journal. */
  static resume(path: string, { key, bytes }: JournalState): Journal {
    const file = openSync(path, 'a')
    // The next line is not to become the end of a torn one.
    ftruncateSync(file, bytes)
    return new Journal(path, key, file)
  }

  /** The key of a file's upload. */
  fileKey(file: number): string {
    return `${this.key}-${file}`
  }

  noteBatch({ id, owner }: JournalBatch): void {
    this.#write({ batch: id, owner })
  }

  noteAccepted(file: number, job: string): void {
    this.#write({ file, job })
  }

  /** It is needed no more. */
  async remove(): Promise<void> {
    await rm(this.path, { force: true })
  }

  /** Notes nothing more: an upload may still be on its way when the others have failed. */
  close(): void {
    if (this.#file !== null) closeSync(this.#file)
    this.#file = null
  }

  /** At once, as one piece: whatever is written is there also when this process is killed the next moment. */
  #write(line: Readonly<Record<string, unknown>>): void {
    if (this.#file !== null) writeSync(this.#file, `${JSON.stringify({ at: Date.now(), ...line })}\n`)
  }
}

/** Of submits that nobody has gone on with. */
async function removeForgotten(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    const stats = JOURNAL_NAME.test(name) ? await stat(path).catch(() => null) : null
    if (stats && Date.now() - stats.mtimeMs > FORGOTTEN_MS) await rm(path, { force: true })
  }
}
