/** Where the states of the subjects that boards watch come from, and how often they are worth being made. */
import { ACTIVITY_STEPS, type News, ProblemError, type Subject } from '@argus/shared'
import type { BatchService } from '../jobs/batch-service.ts'
import type { JobService } from '../jobs/job-service.ts'
import { toJobDetail } from '../jobs/job-view.ts'
import type { MasterFigures } from '../statistics/master-figures.ts'
import type { Statistics } from '../statistics/statistics.ts'
import type { WorkerRegistry } from '../workers/worker-registry.ts'
import type { SubjectSource } from './subject-watch.ts'

const MINUTE_MS = 60_000

export interface SubjectParts {
  readonly jobs: JobService
  readonly batches: BatchService
  readonly workers: WorkerRegistry
  readonly statistics: Statistics
  readonly masterFigures: MasterFigures
}

/** A state has some KB, and comes with rests, so that they stay below the 64 KB a second of a board. */
export function sourceOf(subject: Subject, parts: SubjectParts): SubjectSource {
  switch (subject.of) {
    case 'job':
      return { make: () => jobNews(subject.id, parts), restMs: 100, isSteady: false }
    case 'batch':
      return { make: (again) => batchNews(subject.id, parts, again), restMs: 1000, isSteady: false }
    case 'machines':
      return { make: async () => machineNews(parts), restMs: 2000, isSteady: true }
    case 'activity':
      // The longer the window, the less a moment changes it.
      return {
        make: () => activityNews(subject.minutes, parts),
        restMs: { 15: 2000, 60: 5000, 1440: 15_000 }[subject.minutes],
        isSteady: true,
      }
  }
}

/** What has been there and is no more is told as null; what never was is refused when a board asks for it. */
async function jobNews(id: string, { jobs }: SubjectParts): Promise<News> {
  const job = await jobs.find(id)
  return { of: 'job', id, job: job && toJobDetail(job, await jobs.history(id)) }
}

async function batchNews(id: string, { batches }: SubjectParts, again: () => void): Promise<News> {
  try {
    const { batch, isCurrent } = await batches.look(id)
    if (!isCurrent) again()
    return { of: 'batch', id, batch, classes: await batches.classes(id) }
  } catch (error) {
    if (!(error instanceof ProblemError && error.code === 'batch/not-found')) throw error
    return { of: 'batch', id, batch: null, classes: null }
  }
}

function machineNews({ masterFigures, workers }: SubjectParts): News {
  return { of: 'machines', master: masterFigures.read(), workers: workers.figures() }
}

async function activityNews(minutes: 15 | 60 | 1440, { statistics }: SubjectParts): Promise<News> {
  const step = ACTIVITY_STEPS[minutes]
  const end = Math.ceil(Date.now() / MINUTE_MS / step) * step
  const from = new Date((end - minutes) * MINUTE_MS).toISOString()
  const to = new Date(end * MINUTE_MS).toISOString()
  const { series, ...whole } = await statistics.report({ from, to, step })
  return { of: 'activity', minutes, whole, series: series ?? [] }
}
