/** `/api/v1/images/{sha256}`: a photo for the worker that holds a ticket for it. */
import { ProblemError, SHA256 } from '@argus/shared'
import { z } from 'zod'
import type { Tickets } from '../auth/tickets.ts'
import type { ImageStore } from '../store/image-store.ts'
import { type Operation, operation } from './operation.ts'
import { sendStoredFile } from './stored-file.ts'

export function imageOperations(images: ImageStore, tickets: Tickets): Operation[] {
  return [
    operation(
      {
        id: 'getImage',
        method: 'get',
        path: '/api/v1/images/{sha256}',
        topic: 'workers',
        summary: 'Get a photo to work on',
        description: 'For workers: the ticket came with the assignment.',
        params: { sha256: z.string().regex(SHA256) },
        missing: 'image/not-found',
        headers: { 'x-argus-ticket': z.string().optional() },
        answers: { 200: { description: 'The photo.', types: ['application/octet-stream'] } },
        problems: ['image/not-found', 'auth/ticket'],
      },
      async ({ response, params: { sha256 }, headers }) => {
        if (tickets.read(headers['x-argus-ticket'] ?? '')?.sha256 !== sha256)
          throw new ProblemError('auth/ticket')
        // The worker knows the type from its assignment.
        await sendStoredFile(response, images.imagePath(sha256), 'application/octet-stream')
      },
    ),
  ]
}
