/** `/healthz`: the master runs. `/readyz`: a photo submitted now would be recognised. */
import type { ClusterView } from '@argus/shared'
import { Router } from 'express'
import { onlyMethods, route } from './route.ts'

export function healthRoutes(cluster: () => ClusterView): Router {
  const router = Router()
  router
    .route('/healthz')
    .get(
      route({}, (_request, response) => {
        response.json({ status: 'ok' })
      }),
    )
    .all(onlyMethods('GET'))
  router
    .route('/readyz')
    .get(
      route({}, (_request, response) => {
        const view = cluster()
        response.status(view.ready ? 200 : 503).json(view)
      }),
    )
    .all(onlyMethods('GET'))
  return router
}
