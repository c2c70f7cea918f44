/** `/api/v1/images/:sha256`: a photo for the worker that holds a ticket for it. */
import { ProblemError, SHA256 } from '@argus/shared'
import { Router } from 'express'
import type { Tickets } from '../auth/tickets.ts'
import type { ImageStore } from '../store/image-store.ts'
import { onlyMethods, route } from './route.ts'
import { sendStoredFile } from './stored-file.ts'

export function imageRoutes(images: ImageStore, tickets: Tickets): Router {
  const router = Router()
  router
    .route('/:sha256')
    .get(
      route({}, async (request, response) => {
        const sha256 = request.params.sha256 ?? ''
        if (!SHA256.test(sha256)) throw new ProblemError('image/not-found')
        if (tickets.read(request.get('x-argus-ticket') ?? '')?.sha256 !== sha256)
          throw new ProblemError('auth/ticket')
        // The worker knows the type from its assignment.
        await sendStoredFile(response, images.imagePath(sha256), 'application/octet-stream')
      }),
    )
    .all(onlyMethods('GET'))
  return router
}
