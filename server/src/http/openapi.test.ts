import { PROBLEMS } from '@argus/shared'
import { Validator } from '@seriousme/openapi-schema-validator'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openApiDocument } from './openapi.ts'
import { operation } from './operation.ts'

const wheelSchema = z.object({ spokes: z.int() }).meta({ id: 'Wheel' })
const bikeSchema = z
  .object({ name: z.string(), wheels: z.array(wheelSchema), spare: wheelSchema.nullable() })
  .meta({ id: 'Bike' })

const topic = 'bikes'
const TOPICS = { bikes: 'What has wheels.', other: 'All else.' }

const list = operation(
  {
    id: 'listBikes',
    method: 'get',
    path: '/bikes',
    topic,
    summary: 'List bikes',
    description: 'All of them.',
    query: {
      name: z.string().describe('What it is called.'),
      limit: z.coerce.number().int().min(1).max(100).default(20).describe('At most so many.'),
      colour: z.array(z.enum(['red', 'blue'])).optional(),
    },
    headers: { 'x-mood': z.string().optional().describe('How you are.') },
    answers: {
      200: {
        description: 'Some bikes.',
        schema: z.object({ bikes: z.array(bikeSchema) }),
        headers: { 'X-Total': z.string().describe('How many there are.') },
      },
    },
    problems: ['store/unavailable'],
  },
  () => undefined,
)

const build = operation(
  {
    id: 'buildBike',
    method: 'post',
    path: '/bikes',
    topic,
    summary: 'Build a bike',
    body: {
      'application/json': z.object({ name: z.string().default('bike'), wheels: z.array(wheelSchema) }),
      'image/*': z.string(),
    },
    answers: {
      201: { description: 'It is built.', schema: bikeSchema },
      // Not a problem to everyone: the status has both.
      409: { description: 'It was there.', schema: bikeSchema },
    },
    problems: ['job/ended', 'job/not-ended', 'request/invalid'],
  },
  () => undefined,
)

const look = operation(
  {
    id: 'getBikePhoto',
    method: 'get',
    path: '/bikes/{id}/photo',
    topic,
    summary: 'Get its photo',
    params: { id: z.uuid().describe('Which bike.') },
    answers: { 200: { description: 'The photo.', types: ['image/png', 'image/webp'] } },
    problems: ['job/not-found', 'image/not-found'],
  },
  () => undefined,
)

const remove = operation(
  {
    id: 'deleteBike',
    method: 'delete',
    path: '/bikes/{id}',
    topic,
    summary: 'Delete a bike',
    params: { id: z.uuid() },
    answers: { 204: { description: 'It is gone.' } },
  },
  () => undefined,
)

const document = openApiDocument([list, build, look, remove], TOPICS)
const ofList = document.paths['/bikes']?.get
const ofBuild = document.paths['/bikes']?.post

/** The names of all members in a document, at any depth. */
function namesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) => [name, ...namesIn(inner)])
}

function refsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) => (name === '$ref' ? [String(inner)] : refsIn(inner)))
}

describe('the OpenAPI document', () => {
  it('is valid', async () => {
    // What clients get is the text.
    const result = await new Validator().validate(JSON.parse(JSON.stringify(document)))
    expect(result.errors ?? []).toEqual([])
    expect(result.valid).toBe(true)
  })

  it('is found not to be valid where it is not', async () => {
    const { paths: _paths, components: _components, ...rest } = document
    const broken = JSON.parse(JSON.stringify({ ...rest, paths: { '/bikes': { get: { responses: 7 } } } }))
    expect((await new Validator().validate(broken)).valid).toBe(false)
  })

  it('has each operation at its address, under its topic', () => {
    const ids = Object.entries(document.paths).map(([path, methods]) => [
      path,
      Object.fromEntries(Object.entries(methods).map(([method, { operationId }]) => [method, operationId])),
    ])
    expect(Object.fromEntries(ids)).toEqual({
      '/bikes': { get: 'listBikes', post: 'buildBike' },
      '/bikes/{id}/photo': { get: 'getBikePhoto' },
      '/bikes/{id}': { delete: 'deleteBike' },
    })
    expect(ofList).toMatchObject({ tags: ['bikes'], summary: 'List bikes', description: 'All of them.' })
    expect(ofBuild).not.toHaveProperty('description')
    expect(document.tags).toEqual([
      { name: 'bikes', description: 'What has wheels.' },
      { name: 'other', description: 'All else.' },
    ])
  })

  it('says of parameters where they are, which have to be there, and what they mean', () => {
    expect(ofList?.parameters).toEqual([
      {
        name: 'name',
        in: 'query',
        required: true,
        description: 'What it is called.',
        schema: { type: 'string' },
      },
      {
        name: 'limit',
        in: 'query',
        required: false,
        description: 'At most so many.',
        schema: expect.objectContaining({ minimum: 1, maximum: 100, default: 20 }),
      },
      {
        name: 'colour',
        in: 'query',
        required: false,
        schema: { type: 'array', items: { type: 'string', enum: ['red', 'blue'] } },
      },
      {
        name: 'x-mood',
        in: 'header',
        required: false,
        description: 'How you are.',
        schema: { type: 'string' },
      },
    ])
    expect(document.paths['/bikes/{id}/photo']?.get?.parameters).toEqual([
      {
        name: 'id',
        in: 'path',
        required: true,
        description: 'Which bike.',
        schema: expect.objectContaining({ type: 'string', format: 'uuid' }),
      },
    ])
  })

  it('has schemas that have a name once, and refers to them', () => {
    expect(Object.keys(document.components.schemas).sort()).toEqual(['Bike', 'Problem', 'Wheel'])
    const wheel = { $ref: '#/components/schemas/Wheel' }
    expect(document.components.schemas.Bike).toMatchObject({
      type: 'object',
      properties: { wheels: { items: wheel }, spare: { anyOf: [wheel, { type: 'null' }] } },
    })
    expect(ofBuild?.responses['201']?.content).toEqual({
      'application/json': { schema: { $ref: '#/components/schemas/Bike' } },
    })
    expect(ofList?.responses['200']?.content?.['application/json']?.schema).toMatchObject({
      properties: { bikes: { items: { $ref: '#/components/schemas/Bike' } } },
    })
  })

  it('has nothing left of how schemas are written elsewhere, and no reference that leads nowhere', () => {
    const names = namesIn(document)
    expect(names).not.toContain('$defs')
    expect(names).not.toContain('$schema')
    for (const schema of Object.values(document.components.schemas)) expect(schema).not.toHaveProperty('id')
    const refs = new Set(refsIn(document))
    expect(refs.size).toBe(3)
    const known = Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`)
    expect([...refs].filter((ref) => !known.includes(ref))).toEqual([])
  })

  it('says what a body is, of which what has a default may be left out', () => {
    expect(ofBuild?.requestBody).toMatchObject({
      required: true,
      content: {
        'application/json': {
          schema: {
            required: ['wheels'],
            properties: { wheels: { items: { $ref: '#/components/schemas/Wheel' } } },
          },
        },
        'image/*': { schema: { type: 'string' } },
      },
    })
    expect(ofList).not.toHaveProperty('requestBody')
  })

  it('says of a body that it may as well be left out', () => {
    const tune = operation(
      {
        id: 'tuneBike',
        method: 'post',
        path: '/tune',
        topic,
        summary: 'Tune a bike',
        body: { 'application/json': z.object({ name: z.string() }) },
        bodyOptional: true,
        answers: { 204: { description: 'It is tuned.' } },
      },
      () => undefined,
    )
    const { paths } = openApiDocument([tune], TOPICS)
    expect(paths['/tune']?.post?.requestBody?.required).toBe(false)
  })

  it('has all problems by their status, with their codes', () => {
    const problem = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } }
    expect(ofList?.responses['503']).toEqual({
      description: `- \`store/unavailable\`: ${PROBLEMS['store/unavailable'].title}`,
      content: problem,
    })
    const notFound = document.paths['/bikes/{id}/photo']?.get?.responses['404']
    expect(notFound?.description).toContain('`job/not-found`')
    expect(notFound?.description).toContain('`image/not-found`')
    expect(notFound?.content).toEqual(problem)
    // What may go wrong with any request, also where an operation names it itself: once.
    for (const each of [ofList, ofBuild]) {
      expect(each?.responses['400']?.description.match(/`request\/invalid`/g)).toHaveLength(1)
      expect(each?.responses['401']?.description).toContain('`auth/required`')
      expect(each?.responses['500']?.description).toContain('`request/internal`')
    }
    expect(ofList?.responses).not.toHaveProperty('404')
  })

  it('has a status once that is an answer and a problem', () => {
    const both = ofBuild?.responses['409']
    expect(both?.description).toMatch(/^It was there\.\n\n- `job\/ended`: .*\n- `job\/not-ended`: /)
    expect(both?.content).toEqual({
      'application/json': { schema: { $ref: '#/components/schemas/Bike' } },
      'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
    })
  })

  it('says of answers what comes with them, and of those that have nothing, nothing', () => {
    expect(ofList?.responses['200']?.headers).toEqual({
      'X-Total': { required: true, schema: { type: 'string', description: 'How many there are.' } },
    })
    expect(document.paths['/bikes/{id}/photo']?.get?.responses['200']?.content).toEqual({
      'image/png': { schema: {} },
      'image/webp': { schema: {} },
    })
    expect(document.paths['/bikes/{id}']?.delete?.responses['204']).toEqual({ description: 'It is gone.' })
  })

  it('does not depend on the order of operations', () => {
    const turned = openApiDocument([remove, look, build, list], TOPICS)
    expect(turned.components).toEqual(document.components)
    expect(turned.paths).toEqual(document.paths)
  })
})
