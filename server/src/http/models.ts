/** `/api/v1/models`: the model of the cluster, and its files for the workers that are to serve it. */
import { modelDescriptorSchema, modelStateSchema, ProblemError } from '@argus/shared'
import { z } from 'zod'
import type { ModelService } from '../models/model-service.ts'
import { type Operation, operation } from './operation.ts'
import { sendStoredFile } from './stored-file.ts'

const MODELS = '/api/v1/models'
const topic = 'models'

export function modelOperations(models: ModelService): Operation[] {
  return [
    operation(
      {
        id: 'listModels',
        method: 'get',
        path: MODELS,
        topic,
        summary: 'Look at the model',
        description: 'A cluster has one model, which all its workers serve.',
        answers: {
          200: {
            description: 'What the master does about it, and the model itself where there is one.',
            schema: z.object({ state: modelStateSchema, models: z.array(modelDescriptorSchema) }),
          },
        },
      },
      ({ response }) => {
        response.json({ state: models.state, models: models.offered ? [models.offered] : [] })
      },
    ),

    operation(
      {
        id: 'getModelFile',
        method: 'get',
        path: `${MODELS}/{digest}/{file}`,
        topic,
        summary: 'Get a file of the model',
        params: { digest: z.string(), file: z.string() },
        answers: { 200: { description: 'The file.', types: ['application/octet-stream'] } },
        problems: ['model/not-found'],
      },
      async ({ response, params: { digest, file } }) => {
        const path = models.filePath(digest, file)
        if (path === null) throw new ProblemError('model/not-found', `${digest}/${file}`)
        await sendStoredFile(response, path, 'application/octet-stream')
      },
    ),
  ]
}
