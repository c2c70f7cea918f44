/** What photos truly show, from a CSV file. */
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { LABELS } from '@argus/shared/labels'
import { CsvError, parse } from 'csv-parse/sync'
import { z } from 'zod'
import { isSystemError, UsageError } from '../exit.ts'

/** Any of these columns may tell the class. */
const CLASS_COLUMNS = ['class_index', 'wordnet_id', 'truth'] as const
type ClassColumn = (typeof CLASS_COLUMNS)[number]

const WORDNET_IDS: ReadonlySet<string> = new Set(LABELS.map(({ wordnetId }) => wordnetId))

const tableSchema = z.array(z.array(z.string()))

/**
 * Reads a file of truths: a header row, a column `file`, and one of `class_index`, `wordnet_id` and `truth`, which
 * may have either.
 *
 * @returns the truth, as the tag of a job has it, by the base name of the file
 * @throws UsageError saying what is wrong, and in which line
 */
export async function readTruths(path: string): Promise<Map<string, string>> {
  return parseTruths(await readText(path), path)
}

/** @param path for messages */
export function parseTruths(text: string, path: string): Map<string, string> {
  const [header = [], ...rows] = tableOf(text, path)
  const { file, truth, column } = columnsOf(header, path)
  const truths = new Map<string, string>()
  for (const [at, row] of rows.entries()) {
    const fail = (what: string) => new UsageError(`${path}, photo ${at + 1}: ${what}`)
    const name = basename(row[file] ?? '')
    const value = row[truth] ?? ''
    if (name === '') throw fail('there is no name in the column "file"')
    if (!isClass(value, column)) throw fail(`"${value}" in the column "${column}" is no class of ImageNet-1k`)
    const known = truths.get(name)
    if (known !== undefined && known !== value) throw fail(`"${name}" came before, with another class`)
    truths.set(name, value)
  }
  return truths
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (isSystemError(error)) throw new UsageError(`${path} cannot be read (${error.code}).`)
    throw error
  }
}

function tableOf(text: string, path: string): string[][] {
  try {
    return tableSchema.parse(parse(text, { bom: true, trim: true, skip_empty_lines: true }))
  } catch (error) {
    if (error instanceof CsvError) throw new UsageError(`${path} is no CSV file: ${error.message}`)
    throw error
  }
}

function columnsOf(
  header: readonly string[],
  path: string,
): { file: number; truth: number; column: ClassColumn } {
  const names = header.map((name) => name.toLowerCase())
  const file = names.indexOf('file')
  const columns = CLASS_COLUMNS.filter((name) => names.includes(name))
  const [column] = columns
  if (file < 0 || column === undefined) {
    throw new UsageError(
      `${path} needs a header row with the column "file" and one of ${CLASS_COLUMNS.map((name) => `"${name}"`).join(', ')}.`,
    )
  }
  // Which one to believe is not for us to say.
  if (columns.length > 1)
    throw new UsageError(`${path} has the class in several columns: ${columns.join(', ')}.`)
  return { file, truth: names.indexOf(column), column }
}

function isClass(value: string, column: ClassColumn): boolean {
  const isIndex = /^\d{1,3}$/.test(value)
  if (column === 'class_index') return isIndex
  return WORDNET_IDS.has(value) || (column === 'truth' && isIndex)
}
