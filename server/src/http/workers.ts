/** `/api/v1/workers`: who is connected, and taking one out of service without losing anything. */
import { ProblemError, workersSchema, workerViewSchema } from '@argus/shared'
import { z } from 'zod'
import type { Dispatcher } from '../jobs/dispatcher.ts'
import { type ConnectedWorker, toView, type WorkerRegistry } from '../workers/worker-registry.ts'
import { type Operation, operation } from './operation.ts'

const WORKERS = '/api/v1/workers'
const WORKER = `${WORKERS}/{id}`
const topic = 'workers'

const oneWorker = { params: { id: z.string() } }

export interface WorkerRoutesParts {
  readonly workers: WorkerRegistry
  readonly dispatcher: Dispatcher
  readonly workerToken: string
}

export function workerOperations({ workers, dispatcher, workerToken }: WorkerRoutesParts): Operation[] {
  return [
    operation(
      {
        id: 'listWorkers',
        method: 'get',
        path: WORKERS,
        topic,
        summary: 'List the workers',
        answers: {
          200: {
            description: 'Those that are connected.',
            schema: workersSchema,
          },
        },
      },
      ({ response }) => {
        response.json({ workers: workers.views() })
      },
    ),

    operation(
      {
        id: 'getWorkerToken',
        method: 'get',
        path: `${WORKERS}/join`,
        topic,
        summary: 'See how a worker joins',
        description:
          'Who may read this may do all else here, too; the token lets workers in, and no one else.',
        answers: {
          200: {
            description: 'What a worker needs: as `WORKER_TOKEN` of `argus worker`.',
            schema: z.object({ token: z.string() }),
          },
        },
      },
      ({ response }) => {
        response.set('Cache-Control', 'no-store').json({ token: workerToken })
      },
    ),

    operation(
      {
        id: 'getWorker',
        method: 'get',
        path: WORKER,
        topic,
        summary: 'Look at a worker',
        ...oneWorker,
        answers: { 200: { description: 'The worker.', schema: workerViewSchema } },
        problems: ['worker/not-found'],
      },
      ({ response, params }) => {
        response.json(toView(find(params.id)))
      },
    ),

    operation(
      {
        id: 'drainWorker',
        method: 'post',
        path: `${WORKER}/drain`,
        topic,
        summary: 'Take a worker out of service',
        description: 'It gets no new jobs, ends those that it has begun and gives the others back.',
        ...oneWorker,
        answers: { 200: { description: 'The worker, draining.', schema: workerViewSchema } },
        problems: ['worker/not-found'],
      },
      ({ response, params }) => {
        response.json(toView(drain(params.id, true)))
      },
    ),

    operation(
      {
        id: 'resumeWorker',
        method: 'post',
        path: `${WORKER}/resume`,
        topic,
        summary: 'Take a worker into service again',
        ...oneWorker,
        answers: { 200: { description: 'The worker, in service.', schema: workerViewSchema } },
        problems: ['worker/not-found', 'worker/leaving'],
      },
      ({ response, params }) => {
        response.json(toView(drain(params.id, false)))
      },
    ),
  ]

  function drain(id: string, draining: boolean): ConnectedWorker {
    const worker = find(id)
    dispatcher.drain(worker, draining)
    return worker
  }

  function find(id: string): ConnectedWorker {
    const worker = workers.find(id)
    if (!worker) throw new ProblemError('worker/not-found', id)
    return worker
  }
}
