import { appendFile, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  isTooOld,
  Journal,
  type JournalState,
  type JournalSubject,
  journalPath,
  readJournal,
} from './journal.ts'

const BATCH = { id: '7d444840-9dc0-41d1-b245-5ffdce74fad2', owner: 'ada' }
const JOB = 'a3bb189e-8bf9-4888-9912-ace4e6543002'
const HOUR = 3600_000

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'argus-journal-'))
  path = join(folder, 'argus', 'submit.ndjson')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function written(): Promise<JournalState> {
  const state = await readJournal(path)
  if (!state) throw new Error('There is no journal')
  return state
}

async function journalOf(files: number): Promise<Journal> {
  const journal = await Journal.create(path)
  journal.noteBatch(BATCH)
  for (let file = 0; file < files; file += 1) journal.noteAccepted(file, JOB)
  return journal
}

describe('a journal', () => {
  it('has its key on disk before anything else', async () => {
    const { key } = await Journal.create(path)
    expect(await written()).toMatchObject({ key, batch: null, accepted: new Map() })
  })

  it('tells the batch and what was accepted, also where it was never closed', async () => {
    const journal = await journalOf(2)
    const accepted = new Map([
      [0, JOB],
      [1, JOB],
    ])
    expect(await written()).toMatchObject({ key: journal.key, batch: BATCH, accepted })
  })

  it('has the same keys for the same files when it is gone on with', async () => {
    const journal = await journalOf(1)
    const resumed = Journal.resume(path, await written())
    expect(resumed.fileKey(7)).toBe(journal.fileKey(7))
    expect(resumed.fileKey(7)).not.toBe(resumed.fileKey(8))
  })

  it('goes on behind a line that was torn off', async () => {
    await journalOf(1)
    await appendFile(path, `{"at":1,"file":1,"job":"${JOB.slice(0, 9)}`)
    expect((await written()).accepted).toEqual(new Map([[0, JOB]]))
    Journal.resume(path, await written()).noteAccepted(2, JOB)
    expect([...(await written()).accepted.keys()]).toEqual([0, 2])
    expect(await readFile(path, 'utf8')).not.toContain('"file":1')
  })

  it('cut off anywhere tells what is whole', async () => {
    await journalOf(3)
    const text = await readFile(path, 'utf8')
    const ends = [...text].flatMap((letter, at) => (letter === '\n' ? [at + 1] : []))
    for (let length = 0; length <= text.length; length += 1) {
      await writeFile(path, text.slice(0, length))
      const lines = ends.filter((end) => end <= length).length
      const state = await readJournal(path)
      if (lines === 0) expect(state).toBeNull()
      else {
        expect(state?.batch).toEqual(lines > 1 ? BATCH : null)
        expect(state?.accepted.size).toBe(Math.max(0, lines - 2))
      }
    }
  })

  it('is none where there is no file', async () => {
    expect(await readJournal(join(folder, 'none'))).toBeNull()
  })

  it('is for its owner only, and gone when it is removed', async () => {
    const journal = await journalOf(0)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    await journal.remove()
    expect(await readJournal(path)).toBeNull()
  })

  it('removes those that nobody has gone on with', async () => {
    const names = ['a', 'b', 'c'].map((letter) => `submit-${letter.repeat(32)}.ndjson`)
    const [old = '', recent = '', own = ''] = names.map((name) => join(folder, name))
    await writeFile(old, '')
    await writeFile(recent, '')
    await writeFile(join(folder, 'notes.ndjson'), '')
    const longAgo = new Date(Date.now() - 8 * 24 * HOUR)
    for (const file of [old, join(folder, 'notes.ndjson')]) await utimes(file, longAgo, longAgo)
    await Journal.create(own)
    expect((await readdir(folder)).sort()).toEqual(['notes.ndjson', ...names.slice(1)])
  })

  it('that is closed takes no more', async () => {
    const journal = await journalOf(1)
    journal.close()
    journal.noteAccepted(1, JOB)
    expect([...(await written()).accepted.keys()]).toEqual([0])
  })

  it('is too old when the master may have forgotten its keys since the last line', async () => {
    await journalOf(1)
    const state = await written()
    expect(isTooOld(state, state.lastAt + 22 * HOUR)).toBe(false)
    expect(isTooOld(state, state.lastAt + 24 * HOUR)).toBe(true)
  })
})

describe('the place of a journal', () => {
  const file = { shown: 'a.jpg', path: '/photos/a.jpg', name: 'a.jpg', bytes: 10, modifiedMs: 1 }
  const subject: JournalSubject = {
    master: 'http://127.0.0.1:5000',
    options: { owner: 'ada', tag: ['trip=Rome'] },
    files: [file],
    truths: new Map(),
  }
  const env = { XDG_STATE_HOME: '/state' }

  it('is in the state folder', () => {
    expect(journalPath(subject, env)).toMatch(/^\/state\/argus\/submit-[0-9a-f]{32}\.ndjson$/)
    expect(journalPath(subject, { XDG_STATE_HOME: 'relative' })).toMatch(/\/\.local\/state\/argus\//)
  })

  it('is the same for the same submit, however the files were named', () => {
    const same = {
      ...subject,
      options: { tag: ['trip=Rome'], owner: 'ada' },
      files: [{ ...file, shown: './a.jpg' }],
    }
    expect(journalPath(same, env)).toBe(journalPath(subject, env))
  })

  it.each<[string, Partial<JournalSubject>]>([
    ['another master', { master: 'http://127.0.0.1:5001' }],
    ['other options', { options: { owner: 'bob' } }],
    ['another file', { files: [{ ...file, path: '/photos/b.jpg' }] }],
    ['a file that has changed', { files: [{ ...file, modifiedMs: 2 }] }],
    ['a file of another size', { files: [{ ...file, bytes: 11 }] }],
    ['one file more', { files: [file, file] }],
    ['another truth', { truths: new Map([['a.jpg', '3']]) }],
  ])('is another one for %s', (_what, change) => {
    expect(journalPath({ ...subject, ...change }, env)).not.toBe(journalPath(subject, env))
  })
})
