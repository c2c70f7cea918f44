/** The command `argus` against a real master: submitting, going on after a kill, watching, listing, joining. */
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  batchPageSchema,
  EVENTS,
  type EventName,
  type Job,
  jobPageSchema,
  jobSchema,
  problemCodeSchema,
  WORKER_TOKEN_FILE,
  workerViewSchema,
} from '@argus/shared'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { TestCluster } from '../../server/testing/cluster.ts'
import { pngHeader } from '../../server/testing/images.ts'
import { SAMPLES_DIR } from '../../server/testing/test-data.ts'
import { argus, documentsOf, type Ended, endCommands, RunningCommand } from './command.ts'
import { HoldingProxy } from './holding-proxy.ts'

/** All instant workers see this in whatever they get. */
const SEEN = { index: 207, wordnetId: 'n02099601', label: 'golden retriever' }

const resultSchema = z.object({
  file: z.string(),
  job: jobSchema.optional(),
  refused: z.object({ code: problemCodeSchema, title: z.string(), detail: z.string().optional() }).optional(),
})
const eventSchema = z.object({
  event: z.enum(Object.keys(EVENTS) as [EventName, ...EventName[]]),
  id: z.string().nullable(),
  data: z.unknown(),
})

let cluster: TestCluster
let folder: string
let env: NodeJS.ProcessEnv
let photosMade = 0

/** A folder of photos that no other test has; the names tell their order. */
async function photos(count: number): Promise<string> {
  const photoFolder = join(folder, 'photos')
  await mkdir(join(photoFolder, 'more'), { recursive: true })
  for (let at = 0; at < count; at += 1) {
    photosMade += 1
    const name = `photo-${String(at).padStart(3, '0')}.png`
    await writeFile(join(photoFolder, at % 2 === 0 ? 'more' : '.', name), pngHeader(8, photosMade))
  }
  return photoFolder
}

function results({ stdout }: Ended): z.infer<typeof resultSchema>[] {
  return documentsOf(stdout).map((document) => resultSchema.parse(document))
}

async function read<T>(path: string, schema: z.ZodType<T>): Promise<T> {
  return schema.parse(await (await fetch(`${cluster.url}/api/v1${path}`)).json())
}

async function batches(owner: string) {
  return (await read(`/batches?owner=${owner}`, batchPageSchema)).batches
}

async function jobsOf(batch: string): Promise<Job[]> {
  return (await read(`/jobs?batch=${batch}&limit=100`, jobPageSchema)).jobs
}

async function cancelBatches(owner: string): Promise<void> {
  for (const { id } of await batches(owner)) {
    await fetch(`${cluster.url}/api/v1/batches/${id}/cancel`, { method: 'POST' })
  }
}

function journals(): Promise<string[]> {
  return readdir(join(folder, 'state', 'argus')).catch(() => [])
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'argus-cli-'))
  env = { XDG_STATE_HOME: join(folder, 'state'), ARGUS_MASTER: cluster?.url, NO_COLOR: '1' }
})
afterEach(async () => {
  await endCommands()
  await rm(folder, { recursive: true, force: true })
})

describe('with instant workers', () => {
  beforeAll(async () => {
    cluster = await TestCluster.start({ instant: true, workers: 2 })
    await cluster.ready()
  })
  afterAll(() => cluster.stop())

  describe('submit', () => {
    it('takes a folder, waits for the results and prints them', async () => {
      const ended = await argus(
        ['submit', await photos(45), '--json', '--owner', 'ada', '--tag', 'trip=Rome'],
        env,
      )
      expect(ended).toMatchObject({ code: 0 })
      const all = results(ended)
      expect(all.map(({ file }) => file.slice(-13)).sort()).toEqual(
        Array.from({ length: 45 }, (_, at) => `photo-${String(at).padStart(3, '0')}.png`),
      )
      for (const { file, job } of all) {
        expect(job).toMatchObject({ status: 'SUCCEEDED', owner: 'ada', tags: { trip: 'Rome' } })
        expect(file.endsWith(job?.fileName ?? '?')).toBe(true)
        expect(job?.result?.classes[0]).toMatchObject(SEEN)
      }
      expect(ended.stderr).toContain('45 of 45 photos recognised')
      const [batch, ...others] = await batches('ada')
      expect(others).toEqual([])
      expect(batch).toMatchObject({ total: 45, counts: { SUCCEEDED: 45 } })
      expect(await journals()).toEqual([])
    })

    it('names files that are refused, and recognises the others', async () => {
      const photoFolder = await photos(5)
      await writeFile(join(photoFolder, 'text.jpg'), 'this is text')
      await writeFile(join(photoFolder, 'empty.png'), '')
      const table = join(folder, 'results.csv')
      const ended = await argus(['submit', photoFolder, '--json', '--csv', table], env)
      expect(ended.code).toBe(1)
      const refused = results(ended).flatMap(({ file, refused: why }) => (why ? [[file, why.code]] : []))
      expect(refused).toEqual([
        [join(photoFolder, 'empty.png'), 'image/empty'],
        [join(photoFolder, 'text.jpg'), 'image/unsupported-type'],
      ])
      expect(ended.stderr).toContain('5 of 7 photos recognised, 2 refused')
      expect(ended.stderr).toContain(`refused ${join(photoFolder, 'text.jpg')}: `)
      const lines = (await readFile(table, 'utf8')).trim().split('\r\n')
      expect(lines).toHaveLength(8)
      expect(lines.filter((line) => line.includes('SUCCEEDED'))).toHaveLength(5)
      expect(lines.at(-1)).toMatch(/text\.jpg,,REFUSED,.*image\/unsupported-type/)
      expect(await journals()).toEqual([])
    })

    it('makes a new batch the next time', async () => {
      const args = ['submit', await photos(3), '--owner', 'twice']
      expect(await argus(args, env)).toMatchObject({ code: 0 })
      expect(await argus(args, env)).toMatchObject({ code: 0 })
      expect((await batches('twice')).map(({ total }) => total)).toEqual([3, 3])
    })

    it('without waiting, prints the batch', async () => {
      const ended = await argus(['submit', await photos(4), '--no-wait', '--name', 'Rome'], env)
      expect(ended.code).toBe(0)
      expect(
        await read(`/batches/${ended.stdout.trim()}`, z.object({ name: z.string(), total: z.int() })),
      ).toEqual({
        name: 'Rome',
        total: 4,
      })
      expect(await journals()).toEqual([])
    })

    it('tells how many were recognised right, where the truth is known', async () => {
      const photoFolder = await photos(4)
      const labels = join(folder, 'labels.csv')
      await writeFile(
        labels,
        [
          'file,class_index',
          `photo-000.png,${SEEN.index}`,
          'photo-001.png,3',
          `photo-002.png,${SEEN.index}`,
        ].join('\n'),
      )
      const ended = await argus(['submit', photoFolder, '--truth', labels, '--json'], env)
      expect(ended.code).toBe(0)
      expect(ended.stderr).toContain(
        `${labels} has no truth for 1 photo: ${join(photoFolder, 'photo-003.png')}`,
      )
      expect(ended.stderr).toContain('Right: 66.7 %, among the first five 66.7 %, of 3 photos with a truth')
      expect(results(ended).map(({ job }) => [job?.fileName, job?.truth?.place])).toEqual(
        expect.arrayContaining([
          ['photo-000.png', 1],
          ['photo-001.png', null],
          ['photo-003.png', undefined],
        ]),
      )
    })
  })

  describe('submit that is stopped', () => {
    const COUNT = 40
    const HEARD = 15
    let proxy: HoldingProxy
    let args: string[]
    beforeEach(async () => {
      proxy = await HoldingProxy.start(cluster.url)
    })
    afterEach(() => proxy.stop())

    /** Starts it, and returns when the master has taken photos that the command has heard of, and some that it has not. */
    async function startHalfWay(owner: string): Promise<RunningCommand> {
      args = [
        'submit',
        await photos(COUNT),
        '--owner',
        owner,
        '--master',
        proxy.url,
        '--concurrency',
        '4',
        '--json',
        // What is sent is counted.
        '--no-hedge',
      ]
      proxy.answers = HEARD
      const command = new RunningCommand(args, env)
      await command.becomes(() => expect(proxy.heldBack).toBe(4))
      proxy.answers = Number.POSITIVE_INFINITY
      proxy.reset()
      return command
    }

    async function expectGoesOn(owner: string): Promise<void> {
      const ended = await argus(args, env)
      expect(ended).toMatchObject({ code: 0 })
      expect(ended.stderr).toContain(`${HEARD} of ${COUNT} photos are with the master already`)
      expect(proxy.submits).toBe(COUNT - HEARD)
      const [batch, ...others] = await batches(owner)
      expect(others).toEqual([])
      const jobs = await jobsOf(batch?.id ?? '')
      const names = jobs.map(({ fileName }) => fileName).sort()
      expect(names).toEqual(
        Array.from({ length: COUNT }, (_, at) => `photo-${String(at).padStart(3, '0')}.png`),
      )
      expect(
        results(ended)
          .map(({ job }) => job?.id)
          .sort(),
      ).toEqual(jobs.map(({ id }) => id).sort())
      expect(await journals()).toEqual([])
    }

    it('by kill -9 goes on in the same batch, with one job for each file', async () => {
      const command = await startHalfWay('killed')
      expect(await command.kill('SIGKILL')).toMatchObject({ code: null, stdout: '' })
      await expectGoesOn('killed')
    })

    it('by kill -9 goes on behind a line that was torn off', async () => {
      await (await startHalfWay('torn')).kill('SIGKILL')
      const [journal = ''] = await journals()
      const path = join(folder, 'state', 'argus', journal)
      await writeFile(path, `${await readFile(path, 'utf8')}{"at":17`)
      await expectGoesOn('torn')
    })

    it('by Ctrl-C says how to go on, and does', async () => {
      const ended = await (await startHalfWay('interrupted')).kill('SIGINT')
      expect(ended.code).toBe(130)
      expect(ended.stderr).toContain(`Stopped: ${HEARD} of ${COUNT} photos are with the master`)
      await expectGoesOn('interrupted')
    })

    it('begins anew where the batch is gone', async () => {
      await (await startHalfWay('gone')).kill('SIGKILL')
      const [batch] = await batches('gone')
      await fetch(`${cluster.url}/api/v1/batches/${batch?.id}`, { method: 'DELETE' })
      const ended = await argus(args, env)
      expect(ended).toMatchObject({ code: 0 })
      expect(ended.stderr).toContain(`Batch ${batch?.id} of an earlier call is gone: a new one begins.`)
      expect((await batches('gone')).map(({ total }) => total)).toEqual([COUNT])
    })

    it('begins anew when told to', async () => {
      await (await startHalfWay('anew')).kill('SIGKILL')
      expect(await argus([...args, '--restart'], env)).toMatchObject({ code: 0 })
      expect((await batches('anew')).map(({ total }) => total)).toEqual([COUNT, HEARD + 4])
      expect(await journals()).toEqual([])
    })

    it('ends where the batch is cancelled, and begins a new one the next time', async () => {
      const folderOfPhotos = await photos(COUNT)
      proxy.onSubmit = (number) => (number === HEARD ? cancelBatches('cancelled') : undefined)
      args = ['submit', folderOfPhotos, '--owner', 'cancelled', '--master', proxy.url, '--concurrency', '1']
      const ended = await argus(args, env)
      expect(ended.code).toBe(1)
      expect(ended.stderr).toContain('(batch/cancelled)')
      proxy.onSubmit = () => undefined
      const next = await argus(args, env)
      expect(next).toMatchObject({ code: 0 })
      expect(next.stderr).toContain('was cancelled: a new one begins.')
      expect(await journals()).toEqual([])
    })

    it('goes on although jobs were deleted meanwhile, and says so', async () => {
      await (await startHalfWay('deleted')).kill('SIGKILL')
      const [journal = ''] = await journals()
      const text = await readFile(join(folder, 'state', 'argus', journal), 'utf8')
      const job = z.object({ job: z.uuid() }).parse(JSON.parse(text.trim().split('\n').at(-1) ?? '')).job
      await fetch(`${cluster.url}/api/v1/jobs/${job}`, { method: 'DELETE' })
      const ended = await argus(args, env)
      expect(ended.code).toBe(1)
      expect(ended.stderr).toContain(`${COUNT - 1} of ${COUNT} photos recognised, 1 deleted`)
    })
  })

  it('submit survives a master that is killed and starts again', async () => {
    const proxy = await HoldingProxy.start(cluster.url)
    try {
      const restarted = new Promise<void>((resolve, reject) => {
        proxy.onSubmit = (number) => {
          if (number !== 10) return undefined
          const died = once(cluster.master, 'exit')
          cluster.master.kill('SIGKILL')
          died.then(() => cluster.startMaster()).then(resolve, reject)
          return undefined
        }
      })
      const args = [
        'submit',
        await photos(40),
        '--owner',
        'restart',
        '--master',
        proxy.url,
        '--concurrency',
        '4',
      ]
      const ended = await argus(args, env)
      await restarted
      expect(ended.stderr).toContain('The master cannot be reached')
      expect(ended).toMatchObject({ code: 0 })
      const [batch, ...others] = await batches('restart')
      expect(others).toEqual([])
      expect(batch).toMatchObject({ total: 40, counts: { SUCCEEDED: 40 } })
    } finally {
      await proxy.stop()
    }
  })

  it('submit sends an upload again whose answer is late, and makes one job', async () => {
    const COUNT = 60
    const proxy = await HoldingProxy.start(cluster.url)
    try {
      // Enough answers are known before these, which keep all four uploads at once.
      proxy.holds = (number) => number > 40 && number <= 44
      const args = ['submit', await photos(COUNT), '--owner', 'hedge', '--master', proxy.url]
      const ended = await argus([...args, '--concurrency', '4'], env)
      expect(ended).toMatchObject({ code: 0 })
      expect(ended.stderr).toMatch(/Sent again, as the answer was late: \d+ upload/)
      expect(proxy.submits).toBeGreaterThan(COUNT)
      const [batch, ...others] = await batches('hedge')
      expect(others).toEqual([])
      expect(batch).toMatchObject({ total: COUNT, counts: { SUCCEEDED: COUNT } })
      expect(new Set((await jobsOf(batch?.id ?? '')).map(({ fileName }) => fileName)).size).toBe(COUNT)
    } finally {
      await proxy.stop()
    }
  })

  describe('jobs', () => {
    it('lists what the filters say, as a table and as JSON', async () => {
      await argus(['submit', await photos(25), '--owner', 'lister', '--tag', 'kind=listed'], env)
      const filters = [
        '--owner',
        'lister',
        '--status',
        'SUCCEEDED',
        '--tag',
        'kind=listed',
        '--class',
        'retriever',
      ]
      const page = await argus(['jobs', ...filters], env)
      expect(page.code).toBe(0)
      const lines = page.stdout.trimEnd().split('\n')
      expect(lines).toHaveLength(21)
      expect(lines[0]).toMatch(/^Submitted +Status +File +Recognised/)
      expect(lines[1]).toMatch(/SUCCEEDED +photo-\d{3}\.png +golden retriever 90 % +worker-\d +lister/)
      expect(page.stderr).toContain('--all lists all of them')
      const all = await argus(['jobs', ...filters, '--all', '--json', '--sort=submitted'], env)
      const listed = documentsOf(all.stdout).map((document) => jobSchema.parse(document))
      expect(listed).toHaveLength(25)
      expect(new Set(listed.map(({ owner }) => owner))).toEqual(new Set(['lister']))
    })
  })

  describe('workers', () => {
    it('lists them, as a table and as JSON', async () => {
      const { stdout } = await argus(['workers', '--json'], env)
      const listed = documentsOf(stdout).map((document) => workerViewSchema.parse(document))
      expect(listed.map(({ name }) => name).sort()).toEqual(['worker-1', 'worker-2'])
      expect((await argus(['workers'], env)).stdout).toMatch(/^Name +State.*\nworker-\d +ready +tfjs-wasm/)
    })
  })

  describe('watch', () => {
    it('prints all events of a batch as JSON, and ends by Ctrl-C', async () => {
      const { stdout } = await argus(['submit', await photos(3), '--no-wait'], env)
      const watch = new RunningCommand(['watch', stdout.trim(), '--after', '0', '--json'], env)
      const events = () => watch.documents.map((document) => eventSchema.parse(document))
      await watch.becomes(() => {
        const jobs = events().flatMap(({ event, data }) => (event === 'job' ? [EVENTS.job.parse(data)] : []))
        const ended = new Set(jobs.flatMap(({ id, status }) => (status === 'SUCCEEDED' ? [id] : [])))
        expect(ended.size).toBe(3)
      })
      expect(await watch.kill('SIGINT')).toMatchObject({ code: 130 })
      for (const { event, id, data } of events()) {
        EVENTS[event].parse(data)
        expect(id !== null).toBe(event === 'job' || event === 'removed')
      }
      expect(new Set(events().map(({ event }) => event))).toEqual(new Set(['batch', 'job']))
    })

    it('prints a line for each change of any job', async () => {
      const watch = new RunningCommand(['watch'], env)
      // Nothing tells when it has begun: photos are submitted until one shows.
      const photoFolder = await photos(1)
      await vi.waitFor(
        async () => {
          await argus(['submit', photoFolder, '--fresh'], env)
          expect(watch.stdout).toMatch(/SUCCEEDED +photo-000\.png +golden retriever 90 % +worker-\d\n/)
        },
        { timeout: 60_000, interval: 50 },
      )
      expect(watch.stdout).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d /)
      await watch.kill('SIGINT')
    })
  })

  describe('a wrong call', () => {
    const wrong: ReadonlyArray<readonly [what: string, args: readonly string[], says: string]> = [
      ['no command that there is', ['paint'], "unknown command 'paint'"],
      ['no photos', ['submit'], "missing required argument 'paths'"],
      ['a path that is not there', ['submit', '/nowhere'], 'There is no /nowhere.'],
      ['a wrong priority', ['submit', '.', '--priority', 'high'], '--priority: has to be an integer'],
      ['a wrong tag', ['submit', '.', '--tag', 'Rome'], '--tag: has to be name=value'],
      ['no address', ['workers', '--master', 'here'], 'It has to be like http://'],
      ['a wrong status', ['jobs', '--status', 'DONE'], '--status: '],
      ['a wrong time', ['jobs', '--ended-after', 'noon'], '--ended-after: '],
      ['no batch', ['watch', '17'], '"17" is no id of a batch'],
      ['two results in one place', ['submit', '.', '--csv', '--json'], 'cannot both be written'],
    ]
    it.each(wrong)('with %s', async (_what, args, says) => {
      const ended = await argus(args, env)
      expect(ended.code).toBe(2)
      expect(ended.stderr).toContain(says)
      expect(ended.stderr).not.toMatch(/^\s+at /m)
    })
  })

  it('a master that is not there is said in one sentence', async () => {
    const ended = await argus(['workers', '--master', 'http://127.0.0.1:9'], env)
    expect(ended.code).toBe(1)
    expect(ended.stderr).toMatch(/^argus: The master cannot be reached at http:\/\/127\.0\.0\.1:9: [^\n]*\n$/)
  })

  it('what the master refuses is said with its code', async () => {
    const id = '00000000-0000-4000-8000-000000000000'
    const ended = await argus(['watch', id], env)
    expect(ended.code).toBe(1)
    expect(ended.stderr).toMatch(/^argus: There is no such batch.* \(batch\/not-found\)\n$/)
  })
})

describe('worker', () => {
  beforeAll(async () => {
    cluster = await TestCluster.start({ workers: 0 })
  })
  afterAll(() => cluster.stop())

  it('joins the cluster, recognises photos, and ends when told to', async () => {
    const token = join(cluster.dataDir, WORKER_TOKEN_FILE)
    const args = ['worker', '--token-file', token, '--name', 'attic', '--threads', '1']
    const worker = new RunningCommand(args, { ...env, CACHE_DIR: join(folder, 'cache') })
    await cluster.ready()
    const ended = await argus(['submit', join(SAMPLES_DIR, 'balloon.png'), '--json'], env)
    expect(ended).toMatchObject({ code: 0 })
    expect(results(ended)[0]?.job).toMatchObject({
      worker: 'attic',
      result: { classes: [{ label: 'balloon' }, {}, {}, {}, {}] },
    })
    expect(await worker.kill('SIGTERM')).toMatchObject({ code: 0 })
  })

  it('says what is missing', async () => {
    const ended = await argus(['worker', '--token-file', join(folder, 'none')], env)
    expect(ended.code).toBe(2)
    expect(ended.stderr).toContain('No worker token')
  })
})
