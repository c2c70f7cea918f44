import { setImmediate as tick } from 'node:timers/promises'
import { type Problem, ProblemError, problemSchema } from '@argus/shared'
import express from 'express'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { serve, silentLog } from '../../testing/unit.ts'
import { type Operation, operation, routesOf } from './operation.ts'
import { notFound, problemHandler, problemTeller } from './problem.ts'

const answers = { 200: { description: 'What it was called with.' } }

const find = operation(
  {
    id: 'find',
    method: 'get',
    path: '/things',
    topic: 'things',
    summary: 'Find things',
    query: {
      name: z.string().optional(),
      limit: z.coerce.number().int().max(100).default(20),
      colour: z.array(z.enum(['red', 'blue'])).optional(),
      size: z.array(z.coerce.number()).default([1]),
      shape: z.array(z.string()).default([]).optional(),
    },
    headers: { 'x-number': z.string().regex(/^\d+$/).optional() },
    answers,
  },
  ({ response, query, headers }) => void response.json({ query, headers }),
)

const look = operation(
  {
    id: 'look',
    method: 'get',
    path: '/things/{id}',
    topic: 'things',
    summary: 'Look at a thing',
    params: { id: z.uuid() },
    missing: 'job/not-found',
    answers,
  },
  ({ response, params }) => void response.json(params),
)

const part = operation(
  {
    id: 'part',
    method: 'get',
    path: '/things/{id}/parts/{number}',
    topic: 'things',
    summary: 'Look at a part',
    params: { id: z.string(), number: z.coerce.number().int() },
    answers,
  },
  ({ response, params }) => void response.json(params),
)

const remove = operation(
  {
    id: 'remove',
    method: 'delete',
    path: '/things/{id}',
    topic: 'things',
    summary: 'Remove a thing',
    answers,
  },
  async () => {
    // Late: what is thrown before the first pause would come as it does from a function that is not asynchronous.
    await tick()
    throw new ProblemError('job/ended', 'It is gone.')
  },
)

const fail = operation(
  { id: 'fail', method: 'post', path: '/fail', topic: 'things', summary: 'Fail', answers },
  () => {
    throw new Error('a secret of ours')
  },
)

function start(operations: readonly Operation[] = [find, look, part, remove, fail]): Promise<string> {
  const app = express()
  app.use(routesOf(operations))
  app.use(notFound)
  app.use(problemHandler(problemTeller(silentLog)))
  return serve(app)
}

async function problemOf(response: Response): Promise<Problem> {
  expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json\b/)
  const problem = problemSchema.parse(await response.json())
  expect(problem.status).toBe(response.status)
  return problem
}

const ID = '0192d1a6-7b6e-7000-8000-000000000000'

describe('an operation', () => {
  it('is called with its query, and with what holds where nothing is said', async () => {
    const url = await start()
    expect(await (await fetch(`${url}/things`)).json()).toEqual({
      query: { limit: 20, size: [1], shape: [] },
      headers: {},
    })
    const response = await fetch(`${url}/things?name=a%20b&limit=5`)
    expect(await response.json()).toMatchObject({ query: { name: 'a b', limit: 5 } })
  })

  it.each([
    ['colour=red', { colour: ['red'] }],
    ['colour=red&colour=blue', { colour: ['red', 'blue'] }],
    ['size=2', { size: [2] }],
    ['size=2&size=3', { size: [2, 3] }],
    ['shape=round', { shape: ['round'] }],
    // A comma may be part of a value.
    ['shape=a,b', { shape: ['a,b'] }],
  ])('takes a list of one value, and of several: %s', async (query, expected) => {
    const response = await fetch(`${await start()}/things?${query}`)
    expect(await response.json()).toMatchObject({ query: expected })
  })

  it.each([
    ['a parameter that comes twice and is no list', 'name=a&name=b', 'name'],
    ['a number that is none', 'limit=many', 'limit'],
    ['a number that is too large', 'limit=101', 'limit'],
    ['one value of a list that is none', 'colour=green', 'colour'],
    ['several values of a list of which one is none', 'colour=red&colour=green', 'colour'],
    ['an empty value of a list', 'colour=', 'colour'],
  ])('refuses %s, and names it', async (_what, query, name) => {
    const problem = await problemOf(await fetch(`${await start()}/things?${query}`))
    expect(problem).toMatchObject({ code: 'request/invalid', status: 400 })
    expect(problem.detail).toContain(name)
  })

  it.each([
    'colours=red',
    'name=a&Name=b',
    'limit=5&__proto__=x',
    'colour[]=red',
    'name[x]=1',
    'constructor=x',
  ])('refuses a parameter that it does not know: %s', async (query) => {
    const problem = await problemOf(await fetch(`${await start()}/things?${query}`))
    expect(problem).toMatchObject({ code: 'request/unknown-parameter', status: 400 })
    const names = [...new URLSearchParams(query).keys()]
    expect(names.some((name) => problem.detail?.includes(name))).toBe(true)
  })

  it('knows no parameter where it says none', async () => {
    const url = await start()
    expect(await problemOf(await fetch(`${url}/things/${ID}?verbose=1`))).toMatchObject({
      code: 'request/unknown-parameter',
      detail: 'verbose',
    })
  })

  it('is called with the parameters of its address', async () => {
    const url = await start()
    expect(await (await fetch(`${url}/things/${ID}`)).json()).toEqual({ id: ID })
    expect(await (await fetch(`${url}/things/a%2Fb/parts/7`)).json()).toEqual({ id: 'a/b', number: 7 })
  })

  it('says that there is none of what it is about where its address is not of its form', async () => {
    const url = await start()
    expect(await problemOf(await fetch(`${url}/things/seven`))).toMatchObject({
      code: 'job/not-found',
      status: 404,
      detail: 'seven',
    })
    expect(await problemOf(await fetch(`${url}/things/a/parts/b`))).toMatchObject({
      code: 'request/not-found',
      detail: 'a/b',
    })
  })

  it('looks at its headers, and minds no others', async () => {
    const url = await start()
    const response = await fetch(`${url}/things`, { headers: { 'X-Number': '7', 'X-Other': 'other' } })
    expect(await response.json()).toMatchObject({ headers: { 'x-number': '7' } })
    const refused = await problemOf(await fetch(`${url}/things`, { headers: { 'X-Number': 'seven' } }))
    expect(refused).toMatchObject({ code: 'request/invalid', detail: expect.stringContaining('x-number') })
  })

  it('is answered with the problem that it throws, also late', async () => {
    const response = await fetch(`${await start()}/things/${ID}`, { method: 'DELETE' })
    expect(await problemOf(response)).toMatchObject({ code: 'job/ended', status: 409, detail: 'It is gone.' })
  })

  it('shows nobody what else it throws', async () => {
    const problem = await problemOf(await fetch(`${await start()}/fail`, { method: 'POST' }))
    expect(problem).toMatchObject({ code: 'request/internal', status: 500 })
    expect(JSON.stringify(problem)).not.toContain('secret')
  })
})

describe('the routes', () => {
  it.each([
    ['POST', '/things', 'GET, HEAD'],
    ['PUT', `/things/${ID}`, 'GET, HEAD, DELETE'],
    // Also where the address is not of its form, as it is for all methods.
    ['PATCH', '/things/seven', 'GET, HEAD, DELETE'],
    ['GET', '/fail', 'POST'],
    ['DELETE', `/things/${ID}/parts/1`, 'GET, HEAD'],
  ])('refuse %s of %s, and tell which there are', async (method, path, allowed) => {
    const response = await fetch(`${await start()}${path}`, { method })
    expect(response.headers.get('allow')).toBe(allowed)
    expect(await problemOf(response)).toMatchObject({ code: 'request/method-not-allowed', status: 405 })
  })

  it('answer HEAD as GET, with no body', async () => {
    const response = await fetch(`${await start()}/things`, { method: 'HEAD' })
    expect(response.status).toBe(200)
    expect(await response.text()).toBe('')
  })

  it.each(['/', '/thing', `/things/${ID}/parts`, `/things/${ID}/parts/1/more`])(
    'have nothing at %s',
    async (path) => {
      expect(await problemOf(await fetch(`${await start()}${path}`))).toMatchObject({
        code: 'request/not-found',
      })
    },
  )

  it('have both methods of an address, in whichever order they are said', async () => {
    const url = await start([remove, find, look])
    expect((await fetch(`${url}/things/${ID}`)).status).toBe(200)
    expect((await fetch(`${url}/things/${ID}`, { method: 'DELETE' })).status).toBe(409)
  })
})
