/** `/api/v1/models/:digest/:file`: the files of the model that workers are to serve. */
import { ProblemError } from '@argus/shared'
import { Router } from 'express'
import type { ModelService } from '../models/model-service.ts'
import { onlyMethods, route } from './route.ts'
import { sendStoredFile } from './stored-file.ts'

export function modelRoutes(models: ModelService): Router {
  const router = Router()
  router
    .route('/:digest/:file')
    .get(
      route({}, async (request, response) => {
        const { digest = '', file = '' } = request.params
        const path = models.filePath(digest, file)
        if (path === null) throw new ProblemError('model/not-found', `${digest}/${file}`)
        await sendStoredFile(response, path, 'application/octet-stream')
      }),
    )
    .all(onlyMethods('GET'))
  return router
}
