/** The OpenAPI 3.1 document of the REST API, made from its operations. Its schemas are JSON Schema, as zod writes it. */
import { PROBLEMS, type ProblemCode, problemSchema } from '@argus/shared'
import { z } from 'zod'
import type { Answer, Operation } from './operation.ts'

type Schema = z.core.JSONSchema.BaseSchema

interface Content {
  readonly [mediaType: string]: { readonly schema: Schema }
}

interface DocumentedParameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required: boolean
  readonly description?: string
  readonly schema: Schema
}

interface DocumentedAnswer {
  readonly description: string
  readonly headers?: Readonly<Record<string, { readonly required: boolean; readonly schema: Schema }>>
  readonly content?: Content
}

export interface DocumentedOperation {
  readonly operationId: string
  readonly summary: string
  readonly description?: string
  readonly tags: readonly string[]
  readonly parameters: readonly DocumentedParameter[]
  readonly requestBody?: { readonly required: boolean; readonly content: Content }
  /** By status. */
  readonly responses: Readonly<Record<string, DocumentedAnswer>>
}

export interface OpenApiDocument {
  readonly openapi: string
  readonly info: { readonly title: string; readonly version: string; readonly description: string }
  readonly tags: ReadonlyArray<{ readonly name: string; readonly description: string }>
  readonly security: ReadonlyArray<Readonly<Record<string, readonly string[]>>>
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentedOperation>>>>
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>
    readonly securitySchemes: Readonly<Record<string, unknown>>
  }
}

/** What may go wrong with any request. */
const COMMON: readonly ProblemCode[] = [
  'request/invalid',
  'request/unknown-parameter',
  'request/headers-too-large',
  'request/too-slow',
  'request/expectation',
  'auth/required',
  'door/host',
  'door/origin',
  'request/internal',
]

const DESCRIPTION = `Submit photos, follow their jobs, manage the cluster.

Whatever goes wrong is answered as a problem document (RFC 9457) with a \`code\` that keeps its meaning. A query parameter that is not listed here is refused, so that a typo never turns a filter off.

Times are ISO 8601. Jobs are listed in pages: pass \`next\` of one page as \`cursor\` for the next one.`

/** @param topics each with what it is about, in the order in which they are shown */
export function openApiDocument(
  operations: readonly Operation[],
  topics: Readonly<Record<string, string>>,
): OpenApiDocument {
  const schemas = new Schemas()
  const paths: Record<string, Record<string, DocumentedOperation>> = {}
  for (const each of operations) {
    paths[each.path] = { ...paths[each.path], [each.method]: described(each, schemas) }
  }
  return {
    openapi: '3.1.1',
    info: { title: 'Argus', version: '1', description: DESCRIPTION },
    tags: Object.entries(topics).map(([name, description]) => ({ name, description })),
    security: [{}, { token: [] }],
    paths,
    components: {
      schemas: schemas.named,
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description: 'ARGUS_TOKEN of the master, where it has one.',
        },
      },
    },
  }
}

/** Turns schemas into JSON Schema; those with an id are kept by their name and referred to. */
class Schemas {
  readonly named: Record<string, Schema> = {}

  /** @param io what a client sends is another form than what it gets: defaults may be left out */
  of(schema: z.core.$ZodType, io: 'input' | 'output' = 'output'): Schema {
    const { $schema: _dialect, ...json } = z.toJSONSchema(schema, { io })
    const { $defs = {}, ...root } = JSON.parse(
      JSON.stringify(json).replaceAll('"#/$defs/', '"#/components/schemas/'),
    ) as Schema
    for (const [id, definition] of Object.entries($defs)) this.#keep(id, definition)
    if (root.id === undefined) return root
    this.#keep(root.id, root)
    return { $ref: `#/components/schemas/${root.id}` }
  }

  #keep(id: string, { id: _id, ...definition }: Schema): void {
    this.named[id] = definition
  }
}

function described(operation: Operation, schemas: Schemas): DocumentedOperation {
  const {
    id,
    summary,
    description,
    topic,
    params = {},
    query = {},
    headers = {},
    body,
    bodyOptional = false,
  } = operation
  return {
    operationId: id,
    summary,
    ...(description !== undefined && { description }),
    tags: [topic],
    parameters: [
      ...parametersOf('path', params, schemas),
      ...parametersOf('query', query, schemas),
      ...parametersOf('header', headers, schemas),
    ],
    ...(body && {
      requestBody: {
        required: !bodyOptional,
        content: Object.fromEntries(
          Object.entries(body).map(([type, schema]) => [type, { schema: schemas.of(schema, 'input') }]),
        ),
      },
    }),
    responses: responsesOf(operation, schemas),
  }
}

function parametersOf(
  place: DocumentedParameter['in'],
  shape: z.ZodRawShape,
  schemas: Schemas,
): DocumentedParameter[] {
  return Object.entries(shape).map(([name, schema]) => {
    const { description, ...rest } = schemas.of(schema, 'input')
    return {
      name,
      in: place,
      required: !isOptional(schema),
      ...(description !== undefined && { description }),
      schema: rest,
    }
  })
}

function isOptional(schema: z.core.$ZodType): boolean {
  return z.safeParse(schema, undefined).success
}

function responsesOf(
  { answers, problems = [] }: Operation,
  schemas: Schemas,
): Record<string, DocumentedAnswer> {
  const codes = [...new Set([...COMMON, ...problems])]
  const statuses = new Set([...Object.keys(answers), ...codes.map((code) => String(PROBLEMS[code].status))])
  return Object.fromEntries(
    [...statuses].sort().map((status) => {
      const answer = answers[Number(status)]
      const here = codes.filter((code) => String(PROBLEMS[code].status) === status)
      return [status, responseOf(answer, here, schemas)]
    }),
  )
}

/** What comes with one status: an answer, or a problem with one of these codes. */
function responseOf(
  answer: Answer | undefined,
  codes: readonly ProblemCode[],
  schemas: Schemas,
): DocumentedAnswer {
  const told = codes.map((code) => `- \`${code}\`: ${PROBLEMS[code].title}`).join('\n')
  const content: Content = {
    ...(answer?.schema && { 'application/json': { schema: schemas.of(answer.schema) } }),
    ...Object.fromEntries((answer?.types ?? []).map((type) => [type, { schema: {} }])),
    ...(codes.length > 0 && { 'application/problem+json': { schema: schemas.of(problemSchema) } }),
  }
  const headers = Object.entries(answer?.headers ?? {})
  return {
    description: [...(answer ? [answer.description] : []), ...(told ? [told] : [])].join('\n\n'),
    ...(headers.length > 0 && {
      headers: Object.fromEntries(
        headers.map(([name, schema]) => [
          name,
          { required: !isOptional(schema), schema: schemas.of(schema) },
        ]),
      ),
    }),
    ...(Object.keys(content).length > 0 && { content }),
  }
}
