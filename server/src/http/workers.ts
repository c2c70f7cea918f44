/** `/api/v1/workers`: who is connected, and taking one out of service without losing anything. */
import { ProblemError } from '@argus/shared'
import { type Request, Router } from 'express'
import type { Dispatcher } from '../jobs/dispatcher.ts'
import { type ConnectedWorker, toView, type WorkerRegistry } from '../workers/worker-registry.ts'
import { onlyMethods, route } from './route.ts'

export function workerRoutes(workers: WorkerRegistry, dispatcher: Dispatcher): Router {
  const router = Router()

  router
    .route('/')
    .get(
      route({}, (_request, response) => {
        response.json({ workers: workers.views() })
      }),
    )
    .all(onlyMethods('GET'))

  router
    .route('/:id')
    .get(
      route({}, (request, response) => {
        response.json(toView(find(request)))
      }),
    )
    .all(onlyMethods('GET'))

  for (const [action, draining] of [
    ['drain', true],
    ['resume', false],
  ] as const) {
    router
      .route(`/:id/${action}`)
      .post(
        route({}, (request, response) => {
          const worker = find(request)
          dispatcher.drain(worker, draining)
          response.json(toView(worker))
        }),
      )
      .all(onlyMethods('POST'))
  }

  return router

  function find(request: Request<Record<string, string>>): ConnectedWorker {
    const worker = workers.find(request.params.id ?? '')
    if (!worker) throw new ProblemError('worker/not-found', request.params.id)
    return worker
  }
}
