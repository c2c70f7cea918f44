/** `/healthz`: the master runs. `/readyz`: a photo submitted now would be recognised. */
import type { ClusterView } from '@argus/shared'
import { Router } from 'express'
import { route } from './route.ts'

export function healthRoutes(cluster: () => ClusterView): Router {
  const router = Router()
  router.get(
    '/healthz',
    route({}, (_request, response) => {
      response.json({ status: 'ok' })
    }),
  )
  router.get(
    '/readyz',
    route({}, (_request, response) => {
      const view = cluster()
      response.status(view.ready ? 200 : 503).json(view)
    }),
  )
  return router
}
