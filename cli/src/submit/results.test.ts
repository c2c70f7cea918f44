import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { parse } from 'csv-parse/sync'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { failedJob, jobOf } from '../../testing/jobs.ts'
import { CommandError, UsageError } from '../exit.ts'
import { checkTarget, csvHeader, csvLine, type FileResult, ResultWriter, resultTarget } from './results.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'argus-results-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** What a spreadsheet makes of it. */
function rowOf(result: FileResult): Record<string, string> | undefined {
  const rows: Record<string, string>[] = parse(csvHeader() + csvLine(result), { columns: true })
  expect(rows).toHaveLength(1)
  return rows[0]
}

describe('a line of CSV', () => {
  it('has what was recognised', () => {
    expect(rowOf({ file: 'a/b.jpg', job: jobOf() })).toMatchObject({
      file: 'a/b.jpg',
      status: 'SUCCEEDED',
      class_index: '207',
      wordnet_id: 'n02099601',
      label: 'golden retriever',
      probability: '0.9',
      truth: 'n02099601',
      truth_place: '1',
      error: '',
      reused: 'false',
    })
  })

  it('has why nothing was', () => {
    expect(rowOf({ file: 'a.jpg', job: failedJob() })).toMatchObject({
      status: 'FAILED',
      label: '',
      error: 'image/unreadable',
    })
    const refused = { code: 'image/empty', title: 'The file is empty' }
    expect(rowOf({ file: 'b.jpg', refused })).toMatchObject({
      file: 'b.jpg',
      job: '',
      status: 'REFUSED',
      error: 'image/empty',
      error_detail: 'The file is empty',
    })
  })

  it('keeps commas, quotes and line ends in one cell', () => {
    const file = 'a "fine", \r\nphoto.jpg'
    expect(rowOf({ file, job: jobOf() })?.file).toBe(file)
  })

  it.each(['=1+1.jpg', '+1.jpg', '-1.jpg', '@SUM(A1).jpg', '\t=1.jpg', '\r=1.jpg'])(
    'makes no formula of %j',
    (file) => {
      expect(rowOf({ file, job: jobOf() })?.file).toBe(`'${file}`)
    },
  )
})

describe('results', () => {
  const results: FileResult[] = [
    { file: 'a.jpg', job: jobOf() },
    { file: 'b.jpg', refused: { title: 'The file cannot be read', detail: 'EACCES' } },
  ]

  it('are written to a file, in place of what it had', async () => {
    const path = join(folder, 'results.json')
    await writeFile(path, 'what was there before\n'.repeat(1000))
    const writer = await ResultWriter.open(resultTarget('json', path))
    for (const result of results) await writer.write(result)
    await writer.close()
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n')
    expect(lines.map((line): unknown => JSON.parse(line))).toEqual(results)
  })

  it('are written to standard output, which stays open', async () => {
    const stdout = new PassThrough()
    const writer = await ResultWriter.open(resultTarget('csv', true), stdout)
    for (const result of results) await writer.write(result)
    await writer.close()
    expect(stdout.writableEnded).toBe(false)
    expect(await text(stdout.end())).toBe(csvHeader() + results.map(csvLine).join(''))
  })

  it('that cannot be written are an error with a sentence', async () => {
    const target = resultTarget('csv', join(folder, 'none', 'results.csv'))
    await expect(ResultWriter.open(target)).rejects.toThrow(CommandError)
  })

  it('on a full disk are an error with a sentence', async () => {
    const writeMany = async () => {
      const writer = await ResultWriter.open(resultTarget('json', '/dev/full'))
      for (let at = 0; at < 1000; at += 1) await writer.write({ file: 'a.jpg', job: jobOf() })
      await writer.close()
    }
    await expect(writeMany()).rejects.toThrow('The results cannot be written to /dev/full (ENOSPC).')
  })
})

describe('the place of results', () => {
  it('may be new, old results, or none', async () => {
    await writeFile(join(folder, 'old.csv'), '')
    for (const value of [true, '-', join(folder, 'new'), join(folder, 'old.csv'), '/dev/null'] as const) {
      await checkTarget(resultTarget('csv', value))
    }
  })

  it('is no photo, no other file, and no folder', async () => {
    await writeFile(join(folder, 'notes.txt'), '')
    for (const name of ['photo.jpg', 'notes.txt', '.', 'none/results.csv']) {
      await expect(checkTarget(resultTarget('csv', join(folder, name)))).rejects.toThrow(UsageError)
    }
  })
})
