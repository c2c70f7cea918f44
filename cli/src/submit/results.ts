/** The results of a submit, one line for each file: as CSV for spreadsheets, or as JSON for programs. */
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { dirname, extname } from 'node:path'
import type { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { Job } from '@argus/shared'
import { stringify } from 'csv-stringify/sync'
import { CommandError, isSystemError, UsageError } from '../exit.ts'
import { isPhotoName } from './paths.ts'
import type { Refusal } from './tally.ts'

export type ResultFormat = 'csv' | 'json'

/** A file with its job, or why it has none. */
export type FileResult =
  | { readonly file: string; readonly job: Job }
  | { readonly file: string; readonly refused: Refusal }

export interface ResultTarget {
  readonly format: ResultFormat
  /** Null for standard output. */
  readonly path: string | null
}

const EXTENSIONS: Readonly<Record<ResultFormat, readonly string[]>> = {
  csv: ['.csv'],
  json: ['.json', '.jsonl', '.ndjson'],
}

type Cell = string | number | boolean | null | undefined

/** Called as in the master's own table of a batch, but for `file`, which is the path here. */
const COLUMNS: Readonly<Record<string, (job: Job) => Cell>> = {
  job: ({ id }) => id,
  status: ({ status }) => status,
  class_index: ({ result }) => result?.classes[0]?.index,
  wordnet_id: ({ result }) => result?.classes[0]?.wordnetId,
  label: ({ result }) => result?.classes[0]?.label,
  category: ({ result }) => result?.classes[0]?.category,
  probability: ({ result }) => result?.classes[0]?.probability,
  truth: ({ truth }) => truth?.wordnetId,
  truth_place: ({ truth }) => truth?.place,
  error: ({ error }) => error?.code,
  error_detail: ({ error }) => error?.detail ?? error?.title,
  worker: ({ worker }) => worker,
  reused: ({ reused }) => reused,
}

/** The status of a file that was not taken, beside those of jobs. */
const REFUSED = 'REFUSED'

/** @param value of the option: a path, or true where there is none */
export function resultTarget(format: ResultFormat, value: string | true): ResultTarget {
  return { format, path: value === true || value === '-' ? null : value }
}

/**
 * Makes sure, before anything is uploaded, that there is a place for the results, and that it is no photo: the
 * path behind `--json` may have been meant as one to submit.
 *
 * @throws UsageError
 */
export async function checkTarget({ format, path }: ResultTarget): Promise<void> {
  if (path === null) return
  const there = await statOrNull(path)
  const isOwn = EXTENSIONS[format].includes(extname(path).toLowerCase())
  if (there?.isDirectory() || isPhotoName(path) || (there?.isFile() && !isOwn)) {
    throw new UsageError(
      `--${format} would write over ${path}: put the photos before --${format}, or name a file that ends in ${EXTENSIONS[format].join(' or ')}.`,
    )
  }
  if (!(await statOrNull(dirname(path)))?.isDirectory()) {
    throw new UsageError(`--${format}: there is no folder ${dirname(path)}.`)
  }
}

function statOrNull(path: string) {
  return stat(path).catch(() => null)
}

/** Writes results as they come. */
export class ResultWriter {
  readonly #target: ResultTarget
  readonly #output: Writable

  private constructor(target: ResultTarget, output: Writable) {
    this.#target = target
    this.#output = output
  }

  /** @throws CommandError where the file cannot be written, as by the methods */
  static async open(target: ResultTarget, stdout: Writable = process.stdout): Promise<ResultWriter> {
    const writer = new ResultWriter(target, target.path === null ? stdout : createWriteStream(target.path))
    if (target.path !== null) await writer.#try(() => once(writer.#output, 'open'))
    if (target.format === 'csv') await writer.#write(csvHeader())
    return writer
  }

  write(result: FileResult): Promise<void> {
    return this.#write(this.#target.format === 'csv' ? csvLine(result) : jsonLine(result))
  }

  /** Returns when everything is written. */
  async close(): Promise<void> {
    if (this.#target.path !== null) await this.#try(() => finished(this.#output.end()))
  }

  async #write(text: string): Promise<void> {
    await this.#try(async () => {
      if (!this.#output.write(text)) await once(this.#output, 'drain')
    })
  }

  async #try(step: () => Promise<unknown>): Promise<void> {
    try {
      if (this.#output.errored) throw this.#output.errored
      await step()
    } catch (error) {
      if (!isSystemError(error)) throw error
      const place = this.#target.path ?? 'standard output'
      throw new CommandError(`The results cannot be written to ${place} (${error.code}).`)
    }
  }
}

export function jsonLine(result: FileResult): string {
  return `${JSON.stringify(result)}\n`
}

export function csvHeader(): string {
  return csv(['file', ...Object.keys(COLUMNS)])
}

export function csvLine(result: FileResult): string {
  if ('job' in result) return csv([result.file, ...Object.values(COLUMNS).map((cell) => cell(result.job))])
  const { code, title, detail } = result.refused
  const cells: Readonly<Record<string, Cell>> = {
    status: REFUSED,
    error: code,
    error_detail: detail ?? title,
  }
  return csv([result.file, ...Object.keys(COLUMNS).map((column) => cells[column])])
}

function csv(values: readonly Cell[]): string {
  // Names of files are from strangers, and spreadsheets run what begins like a formula.
  return stringify([values.map((value) => (typeof value === 'boolean' ? String(value) : value))], {
    escape_formulas: true,
    record_delimiter: 'windows',
  })
}
