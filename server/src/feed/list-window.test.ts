/** The window in memory against the same list by a filter and a sort of all jobs, whatever changes. */
import { comparePlaces, JOB_SORTS, type JobSort, MAX_AHEAD } from '@argus/shared'
import { describe, expect, it } from 'vitest'
import { Random, SEED } from '../../testing/random.ts'
import { newJob } from '../../testing/store.ts'
import { changeOf, type JobChange } from '../store/change-log.ts'
import type { JobConditions } from '../store/job-filters.ts'
import type { ListPlace } from '../store/job-list.ts'
import { matches } from '../store/job-matches.ts'
import { type JobRecord, toRecord, toRow } from '../store/job-record.ts'
import { ListWindow, RESERVE, type WindowContent, type WindowScope } from './list-window.ts'

const NOW = 1_700_000_000_000
/** So few that many jobs share theirs: the order then hangs on their ids. */
const TIMES = 40
const CHANGES = 1500

function jobOf(number: number, changes: Partial<JobRecord> = {}): JobRecord {
  const id = `job-${String(number).padStart(6, '0')}`
  return { ...toRecord(toRow(newJob(id, { revision: number + 1 }))), submittedAt: NOW + number, ...changes }
}

function jobsOf(count: number): JobRecord[] {
  return Array.from({ length: count }, (_, number) => jobOf(number))
}

function scopeOf(changes: Partial<WindowScope> = {}): WindowScope {
  return {
    conditions: {},
    sort: '-submitted',
    after: null,
    limit: 5,
    top: null,
    maxAhead: MAX_AHEAD,
    ...changes,
  }
}

function placeOf(job: JobRecord, sort: JobSort): ListPlace {
  return { time: (sort.endsWith('submitted') ? job.submittedAt : job.endedAt) ?? 0, id: job.id }
}

/** All jobs of the list, in its order, from its top. */
function listOf(jobs: Iterable<JobRecord>, { conditions, sort }: WindowScope): JobRecord[] {
  return [...jobs]
    .filter((job) => (sort.endsWith('submitted') || job.endedAt !== null) && matches(job, conditions))
    .sort((a, b) => comparePlaces(placeOf(a, sort), placeOf(b, sort), sort))
}

function behind(list: readonly JobRecord[], { sort, after }: WindowScope): JobRecord[] {
  return list.filter((job) => after === null || comparePlaces(placeOf(job, sort), after, sort) > 0)
}

function aheadOf(list: readonly JobRecord[], { sort, top }: WindowScope): JobRecord[] {
  return list.filter((job) => top !== null && comparePlaces(placeOf(job, sort), top, sort) < 0)
}

/** What the database would have of it. */
function contentOf(jobs: Iterable<JobRecord>, scope: WindowScope): WindowContent {
  const list = listOf(jobs, scope)
  const found = behind(list, scope)
  const held = found.slice(0, scope.limit + RESERVE)
  const last = held.at(-1)
  const ahead = aheadOf(list, scope).reverse().slice(0, scope.maxAhead)
  return {
    jobs: held,
    horizon: found.length > held.length && last ? placeOf(last, scope.sort) : null,
    ahead: ahead.map(({ id }) => id),
  }
}

function removalOf({ id, batch }: JobRecord, revision: number): JobChange {
  return { revision, id, batch, job: null }
}

function idsOf(jobs: readonly JobRecord[]): string[] {
  return jobs.map(({ id }) => id)
}

/** All jobs, and how they change one after the other. */
class Jobs {
  readonly all = new Map<string, JobRecord>()
  readonly #random: Random
  #revision = 0
  #number = 0

  constructor(random: Random, count: number) {
    this.#random = random
    for (let made = 0; made < count; made += 1) this.#submit()
  }

  /** @param growth how many times as often one comes as one goes */
  change(growth: number): JobChange {
    const random = this.#random
    if (this.all.size === 0 || random.chance(0.2 * growth)) return changeOf(this.#submit())
    const job = random.pick([...this.all.values()])
    this.#revision += 1
    if (random.chance(0.2)) {
      this.all.delete(job.id)
      return removalOf(job, this.#revision)
    }
    return changeOf(this.#keep({ ...job, ...this.#next(job), revision: this.#revision }))
  }

  #submit(): JobRecord {
    const random = this.#random
    this.#number += 1
    this.#revision += 1
    // One of a batch may come in at any place.
    return this.#keep(
      jobOf(random.below(1_000_000) * 1000 + this.#number, {
        revision: this.#revision,
        submittedAt: NOW + random.below(TIMES),
        owner: random.pick(['ann', 'bob']),
      }),
    )
  }

  #next({ status }: JobRecord): Partial<JobRecord> {
    const random = this.#random
    switch (status) {
      case 'QUEUED':
        return random.chance(0.2) ? this.#end('CANCELLED') : { status: 'RUNNING' }
      case 'RUNNING':
        return random.chance(0.2)
          ? { status: 'QUEUED' }
          : this.#end(random.pick(['SUCCEEDED', 'SUCCEEDED', 'FAILED']))
      default:
        // A retry; now and then it has ended anew before anyone has looked.
        return random.chance(0.5) ? { status: 'QUEUED', endedAt: null } : this.#end(status)
    }
  }

  #end(status: JobRecord['status']): Partial<JobRecord> {
    return { status, endedAt: NOW + this.#random.below(TIMES) }
  }

  #keep(job: JobRecord): JobRecord {
    this.all.set(job.id, job)
    return job
  }
}

function randomScope(random: Random, jobs: Jobs): WindowScope {
  const sort = random.pick(JOB_SORTS)
  const conditions = random.pick<JobConditions>([
    {},
    {},
    { status: ['QUEUED', 'RUNNING'] },
    { status: ['SUCCEEDED', 'FAILED', 'CANCELLED'], owner: 'ann' },
    { owner: 'bob' },
    { submitted: { from: NOW + 10 } },
  ])
  const scope = scopeOf({ sort, conditions, limit: random.pick([1, 5, 20, 60]) })
  const list = listOf(jobs.all.values(), scope)
  const somewhere = () => (list.length > 0 && random.chance(0.4) ? placeOf(random.pick(list), sort) : null)
  return { ...scope, after: somewhere(), top: somewhere() }
}

describe('a window', () => {
  it.each([1, 2, 3, 4, 5, 6])(`shows what the list has, whatever changes (seed ${SEED} + %i)`, (number) => {
    const random = new Random(SEED + number)
    const jobs = new Jobs(random, random.pick([0, 3, 150, 400]))
    const scope = randomScope(random, jobs)
    let readings = 1
    let window = new ListWindow(scope, contentOf(jobs.all.values(), scope))
    let growth = 1
    let mostAhead = aheadOf(listOf(jobs.all.values(), scope), scope).length
    for (let made = 0; made < CHANGES; made += 1) {
      // Lists that grow and shrink again by hundreds.
      if (made % 300 === 0) growth = random.pick([0.1, 1, 3])
      const change = jobs.change(growth)
      window.apply(change)
      // What is told twice, and what comes too late, does nothing.
      if (random.chance(0.05)) window.apply(change)
      if (window.isShort) {
        readings += 1
        window = new ListWindow(scope, contentOf(jobs.all.values(), scope))
      }
      const list = listOf(jobs.all.values(), scope)
      const found = behind(list, scope)
      const what = `change ${made} of ${JSON.stringify(scope)}`
      expect(idsOf(window.shown), what).toEqual(idsOf(found.slice(0, scope.limit)))
      expect(window.isLast, what).toBe(found.length <= scope.limit)
      const ahead = aheadOf(list, scope).length
      mostAhead = Math.max(mostAhead, ahead)
      // Once there were as many as are counted there may have been more.
      if (mostAhead < MAX_AHEAD) expect(window.ahead, what).toBe(ahead)
    }
    expect(window.shown).toEqual(window.shown.map(({ id }) => jobs.all.get(id)))
    // It is for this that more are held than are shown.
    expect(readings).toBeLessThan(CHANGES / 20)
  })

  it('that was empty is read again once more came than it holds, and went', () => {
    const scope = scopeOf()
    const window = new ListWindow(scope, { jobs: [], horizon: null, ahead: [] })
    const jobs = jobsOf(scope.limit + RESERVE + 10)
    for (const job of jobs) window.apply(changeOf(job))
    expect(window.isShort).toBe(false)
    expect(window.isLast).toBe(false)
    // All but the oldest ones, of which it has forgotten.
    let revision = 1000
    for (const job of jobs.slice(8).reverse()) {
      revision += 1
      window.apply(removalOf(job, revision))
    }
    expect(window.shown.length < scope.limit).toBe(true)
    expect(window.isShort).toBe(true)
  })

  it('forgets those that are pushed out beyond its reserve, and knows that they are there', () => {
    const scope = scopeOf({ sort: 'submitted' })
    const window = new ListWindow(scope, { jobs: jobsOf(scope.limit + RESERVE), horizon: null, ahead: [] })
    const [last] = jobsOf(scope.limit + RESERVE).slice(-1)
    if (!last) throw new Error('There is one')
    window.apply(changeOf(jobOf(0, { id: 'job-000000a', revision: 999 })))
    expect(window.find(last.id)).toBeNull()
    expect(window.covers(placeOf(last, 'submitted'))).toBe(false)
    window.apply(changeOf({ ...last, revision: 1000 }))
    expect(window.find(last.id)).toBeNull()
  })

  it('is short as soon as it has less than it shows, though there is more', () => {
    const scope = scopeOf({ limit: 3 })
    const jobs = jobsOf(100).reverse()
    const window = new ListWindow(scope, contentOf(jobs, scope))
    let revision = 1000
    for (const [at, job] of jobs.slice(0, RESERVE + 1).entries()) {
      expect(window.isShort, `${at}`).toBe(false)
      revision += 1
      window.apply(removalOf(job, revision))
    }
    expect(window.isShort).toBe(true)
    expect(window.isLast).toBe(false)
  })

  it('is not short where there is no more, or where the search for it was given up', () => {
    const [whole, searched] = [scopeOf(), scopeOf()]
    const jobs = jobsOf(3)
    expect(new ListWindow(whole, { jobs, horizon: null, ahead: [] }).isShort).toBe(false)
    const horizon = { time: NOW - 1, id: 'far' }
    const window = new ListWindow(searched, { jobs, horizon, ahead: [] })
    expect(window.isShort).toBe(false)
    expect(window.isLast).toBe(false)
    expect(window.shown).toHaveLength(3)
  })

  it('of which nothing is known shows nothing, covers nothing, and takes itself for no end', () => {
    for (const sort of JOB_SORTS) {
      const window = ListWindow.unread(scopeOf({ sort }))
      const job = jobOf(1, { status: 'FAILED', endedAt: NOW })
      window.apply(changeOf(job))
      expect(window.shown).toEqual([])
      expect(window.covers(placeOf(job, sort))).toBe(false)
      expect(window).toMatchObject({ isLast: false, isShort: false, ahead: 0 })
    }
  })

  it('ends where it begins behind the last job', () => {
    const scope = scopeOf({ sort: 'submitted', after: { time: NOW + 100, id: 'job-000100' } })
    const window = new ListWindow(scope, { jobs: [], horizon: null, ahead: [] })
    window.apply(changeOf(jobOf(100)))
    window.apply(changeOf(jobOf(99)))
    expect(window.shown).toEqual([])
    window.apply(changeOf(jobOf(101)))
    expect(idsOf(window.shown)).toEqual(['job-000101'])
  })
})

describe('what was read of a window', () => {
  it('leaves out a job that has come to mean something else meanwhile', () => {
    const scope = scopeOf({ conditions: { status: ['QUEUED'] } })
    const jobs = [jobOf(2), jobOf(1, { status: 'RUNNING' })]
    expect(idsOf(new ListWindow(scope, { jobs, horizon: null, ahead: [] }).shown)).toEqual(['job-000002'])
  })

  it('has a job that has moved meanwhile at its new place', () => {
    const scope = scopeOf({ sort: '-ended' })
    const jobs = [
      jobOf(1, { status: 'FAILED', endedAt: NOW + 1 }),
      jobOf(2, { status: 'FAILED', endedAt: NOW + 2 }),
    ]
    expect(idsOf(new ListWindow(scope, { jobs, horizon: null, ahead: [] }).shown)).toEqual([
      'job-000002',
      'job-000001',
    ])
  })

  it('leaves out a job that has moved out of it meanwhile', () => {
    const [inside, before, beyond] = [5, 9, 1].map((time, number) =>
      jobOf(number, { status: 'FAILED', endedAt: NOW + time }),
    )
    if (!inside || !before || !beyond) throw new Error('There are three')
    const scope = scopeOf({ sort: '-ended', after: { time: NOW + 8, id: 'after' } })
    const horizon = { time: NOW + 3, id: 'horizon' }
    const window = new ListWindow(scope, { jobs: [before, inside, beyond], horizon, ahead: [] })
    expect(idsOf(window.shown)).toEqual([inside.id])
    // The change itself comes later.
    for (const job of [before, beyond]) window.apply(changeOf(job))
    expect(idsOf(window.shown)).toEqual([inside.id])
  })
})

describe('the jobs before a place', () => {
  const top = placeOf(jobOf(1000), '-submitted')
  const scope = scopeOf({ top, maxAhead: 10 })

  it('are counted, each once, wherever the window is', () => {
    const window = new ListWindow(scope, { jobs: [], horizon: null, ahead: ['job-001001'] })
    expect(window.ahead).toBe(1)
    const [known, next] = [jobOf(1001), jobOf(1002)]
    for (const job of [known, next, { ...next, revision: 2000 }]) window.apply(changeOf(job))
    expect(window.ahead).toBe(2)
    // Neither itself, nor one behind it.
    for (const job of [jobOf(1000), jobOf(999)]) window.apply(changeOf(job))
    expect(window.ahead).toBe(2)
    window.apply(removalOf(known, 3000))
    expect(window.ahead).toBe(1)
    window.apply(removalOf(known, 3001))
    expect(window.ahead).toBe(1)
  })

  it('are as many as are counted at most', () => {
    const window = new ListWindow(scope, { jobs: [], horizon: null, ahead: [] })
    for (let number = 1001; number <= 1050; number += 1) window.apply(changeOf(jobOf(number)))
    expect(window.ahead).toBe(10)
  })

  it('are not fewer than that because one of more has gone', () => {
    const window = new ListWindow(scope, { jobs: [], horizon: null, ahead: [] })
    for (let number = 1001; number <= 1050; number += 1) window.apply(changeOf(jobOf(number)))
    window.apply(removalOf(jobOf(1003), 3000))
    expect(window.ahead).toBe(10)
  })

  it('are not counted where nobody asks', () => {
    const window = new ListWindow(scopeOf(), { jobs: [], horizon: null, ahead: [] })
    window.apply(changeOf(jobOf(1001)))
    expect(window.ahead).toBe(0)
  })
})
