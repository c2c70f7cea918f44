/** The reference of the REST API: the OpenAPI document, and Swagger UI showing it, served from here alone. */
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import express, { Router } from 'express'
import { z } from 'zod'
import { openApiDocument } from './openapi.ts'
import { type Operation, operation } from './operation.ts'

const SWAGGER_UI = dirname(fileURLToPath(import.meta.resolve('swagger-ui-dist/package.json')))
const PAGE = fileURLToPath(new URL('../../reference', import.meta.url))

const TOPICS = {
  jobs: 'One photo each: submitted, recognised, kept.',
  batches: 'Photos that belong together.',
  events: 'What changes, as it happens (server-sent events).',
  workers: 'The machines that recognise.',
  models: 'What they recognise with.',
  statistics: 'What was done, how fast, and how right.',
  health: 'For whoever watches over the master.',
  reference: 'This document.',
}

/** @param operations all others */
export function referenceOperations(operations: readonly Operation[]): Operation[] {
  const own = operation(
    {
      id: 'getReference',
      method: 'get',
      path: '/api/v1/openapi.json',
      topic: 'reference',
      summary: 'Get the OpenAPI document',
      answers: { 200: { description: 'OpenAPI 3.1.', schema: z.looseObject({ openapi: z.string() }) } },
    },
    ({ response }) => {
      response.json(document)
    },
  )
  const document = openApiDocument([...operations, own], TOPICS)
  return [own]
}

/** The page at `/api/`. */
export function referencePage(): Router {
  const router = Router()
  router.use('/swagger-ui', express.static(SWAGGER_UI, { index: false }))
  router.use(express.static(PAGE))
  return router
}
