import express from 'express'
import { describe, expect, it } from 'vitest'
import { serve, silentLog } from '../../testing/unit.ts'
import { metricsOperations } from './metrics.ts'
import { routesOf } from './operation.ts'
import { problemHandler, problemTeller } from './problem.ts'

const PAGE = '# HELP a_total A.\n# TYPE a_total counter\na_total 1\n'
const TYPE = 'text/plain; version=0.0.4; charset=utf-8'

function open(): Promise<string> {
  const app = express()
  app.use(routesOf(metricsOperations({ type: TYPE, page: async () => PAGE })))
  app.use(problemHandler(problemTeller(silentLog, () => undefined)))
  return serve(app)
}

describe('/metrics', () => {
  it('answers in the format of Prometheus, and says which', async () => {
    const response = await fetch(`${await open()}/metrics`)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe(TYPE)
    expect(await response.text()).toBe(PAGE)
  })

  it('takes no parameters', async () => {
    const response = await fetch(`${await open()}/metrics?name=a`)
    expect(response.status).toBe(400)
  })
})
