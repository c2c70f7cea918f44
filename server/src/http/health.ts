/** `/healthz`: the master runs. `/readyz`: a photo submitted now would be recognised. */
import { type ClusterView, clusterViewSchema } from '@argus/shared'
import { z } from 'zod'
import { type Operation, operation } from './operation.ts'

const topic = 'health'

export function healthOperations(cluster: () => ClusterView): Operation[] {
  return [
    operation(
      {
        id: 'getHealth',
        method: 'get',
        path: '/healthz',
        topic,
        summary: 'Ask whether the master runs',
        answers: { 200: { description: 'It does.', schema: z.object({ status: z.literal('ok') }) } },
      },
      ({ response }) => {
        response.json({ status: 'ok' })
      },
    ),

    operation(
      {
        id: 'getReadiness',
        method: 'get',
        path: '/readyz',
        topic,
        summary: 'Ask whether photos are recognised',
        answers: {
          200: { description: 'A photo submitted now would be recognised.', schema: clusterViewSchema },
          503: {
            description: 'It would wait, or be refused; the answer says why.',
            schema: clusterViewSchema,
          },
        },
      },
      ({ response }) => {
        const view = cluster()
        response.status(view.ready ? 200 : 503).json(view)
      },
    ),
  ]
}
