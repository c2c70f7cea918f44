/**
 * The OpenAPI document of a master as a judge: it tells what of a request or of an answer does not fit it. It
 * knows the document alone and nothing of the code that it was made from, as any other client would.
 */
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { z } from 'zod'

/** What a document is referred to by; no one fetches it. */
const BASE = 'argus:/openapi.json'
export const PROBLEM = 'application/problem+json'
/** Stands for the bytes of a photo, which JSON Schema takes for a text. */
const BYTES = 'bytes'

const schemaSchema = z.looseObject({
  type: z.string().optional(),
  properties: z.record(z.string(), z.looseObject({ type: z.string().optional() })).optional(),
})
const contentSchema = z.record(z.string(), z.object({ schema: schemaSchema }))
const parameterSchema = z.object({
  name: z.string(),
  in: z.enum(['path', 'query', 'header']),
  required: z.boolean().default(false),
  schema: schemaSchema,
})
const answerSchema = z.object({
  description: z.string(),
  headers: z
    .record(z.string(), z.object({ required: z.boolean().default(false), schema: schemaSchema }))
    .default({}),
  content: contentSchema.default({}),
})
const operationSchema = z.object({
  operationId: z.string(),
  tags: z.array(z.string()),
  parameters: z.array(parameterSchema).default([]),
  requestBody: z.object({ required: z.boolean().default(false), content: contentSchema }).optional(),
  responses: z.record(z.string(), answerSchema),
})
const documentSchema = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
})

type Schema = z.infer<typeof schemaSchema>
type Parameter = z.infer<typeof parameterSchema>

export interface ApiOperation extends z.infer<typeof operationSchema> {
  readonly method: string
  readonly path: string
}

export interface ApiRequest {
  readonly params?: Readonly<Record<string, string>>
  /** A list is sent as so many parameters of one name. */
  readonly query?: Readonly<Record<string, string | number | boolean | readonly string[]>>
  readonly headers?: Readonly<Record<string, string>>
  /** A Blob brings its media type along. */
  readonly body?: FormData | Blob
}

export interface ApiAnswer {
  readonly status: number
  readonly headers: Headers
  readonly bytes: Uint8Array
  /** Of a JSON document, what is in it. */
  readonly json: unknown
}

export class OpenApiCheck {
  readonly operations: readonly ApiOperation[]
  // What a record of given names has to have is not among its `properties`.
  readonly #ajv = new Ajv2020({ strict: true, strictRequired: false, allErrors: true })

  private constructor(document: z.infer<typeof documentSchema>) {
    // Strict, as otherwise a format that nobody checks would pass. The validator reads the whole document as a
    // schema, to which these keywords say nothing.
    this.#ajv.addVocabulary([...Object.keys(document), 'example'])
    addFormats.default(this.#ajv)
    this.#ajv.addSchema(document, BASE)
    this.operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ ...operation, method, path })),
    )
  }

  /** @throws Error where it is no valid OpenAPI document, or one of its schemas is no JSON Schema */
  static async of(document: unknown): Promise<OpenApiCheck> {
    const { valid, errors } = await new Validator().validate(z.looseObject({}).parse(document))
    if (!valid) throw new Error(`The document is no OpenAPI: ${JSON.stringify(errors)}`)
    const check = new OpenApiCheck(documentSchema.parse(document))
    for (const operation of check.operations) check.#compileAll(operation)
    return check
  }

  operation(id: string): ApiOperation {
    const found = this.operations.find(({ operationId }) => operationId === id)
    if (!found) throw new Error(`The document has no operation ${id}`)
    return found
  }

  /** What the document has against the request. */
  requestFaults(operation: ApiOperation, request: ApiRequest): string[] {
    return [
      ...this.#placeFaults(operation, 'path', request.params),
      ...this.#placeFaults(operation, 'query', request.query),
      ...this.#placeFaults(operation, 'header', request.headers),
      ...this.#bodyFaults(operation, request.body),
    ]
  }

  /** What the document has against the answer. */
  answerFaults(operation: ApiOperation, answer: ApiAnswer): string[] {
    const listed = operation.responses[answer.status]
    if (!listed) return [`the status ${answer.status} is not listed`]
    return [
      ...this.#headerFaults(operation, answer),
      ...this.#contentFaults(operation, answer),
      ...(mediaTypeOf(answer.headers) === PROBLEM ? problemFaults(listed.description, answer) : []),
    ]
  }

  #placeFaults(
    operation: ApiOperation,
    place: Parameter['in'],
    values: NonNullable<ApiRequest['query']> = {},
  ): string[] {
    const known = operation.parameters.filter((each) => each.in === place)
    const unknown = Object.keys(values).filter((name) => !known.some((each) => each.name === name))
    return [
      ...unknown.map((name) => `the ${place} parameter ${name} is not listed`),
      ...known.flatMap((parameter) => this.#parameterFaults(operation, parameter, values[parameter.name])),
    ]
  }

  #parameterFaults(
    operation: ApiOperation,
    parameter: Parameter,
    value: string | number | boolean | readonly string[] | undefined,
  ): string[] {
    const { name, required, schema } = parameter
    if (value === undefined) return required ? [`the parameter ${name} is missing`] : []
    const at = String(operation.parameters.indexOf(parameter))
    return this.#faults(['parameters', at, 'schema'], operation, name, readAs(schema, textsOf(value)))
  }

  #bodyFaults(operation: ApiOperation, body: FormData | Blob | undefined): string[] {
    const { requestBody } = operation
    if (!requestBody) return body ? ['no body is listed'] : []
    if (!body) return requestBody.required ? ['the body is missing'] : []
    const type = body instanceof FormData ? 'multipart/form-data' : body.type
    const listed = listedType(Object.keys(requestBody.content), type)
    if (listed === undefined) return [`a body of the type ${type} is not listed`]
    const { properties = {} } = requestBody.content[listed]?.schema ?? {}
    const value = body instanceof FormData ? readForm(body, properties) : BYTES
    return this.#faults(['requestBody', 'content', listed, 'schema'], operation, 'body', value)
  }

  #headerFaults(operation: ApiOperation, { status, headers }: ApiAnswer): string[] {
    return Object.entries(operation.responses[status]?.headers ?? {}).flatMap(
      ([name, { required, schema }]) => {
        const text = headers.get(name)
        if (text === null) return required ? [`the header ${name} is missing`] : []
        const pointer = ['responses', String(status), 'headers', name, 'schema']
        return this.#faults(pointer, operation, name, readAs(schema, [text]))
      },
    )
  }

  #contentFaults(operation: ApiOperation, { status, headers, bytes, json }: ApiAnswer): string[] {
    const types = Object.keys(operation.responses[status]?.content ?? {})
    if (types.length === 0) return bytes.length > 0 ? ['no content is listed'] : []
    const type = mediaTypeOf(headers)
    const listed = listedType(types, type)
    if (listed === undefined) return [`content of the type ${type} is not listed for ${status}`]
    const pointer = ['responses', String(status), 'content', listed, 'schema']
    return this.#faults(pointer, operation, 'answer', isJson(type) ? json : BYTES)
  }

  #faults(pointer: readonly string[], operation: ApiOperation, name: string, value: unknown): string[] {
    const validate = this.#validator(operation, pointer)
    if (validate(value)) return []
    return (validate.errors ?? []).map(
      (error: ErrorObject) => `${name}${error.instancePath} ${error.message}`,
    )
  }

  #validator({ path, method }: ApiOperation, pointer: readonly string[]): ValidateFunction {
    const fragment = ['paths', path, method, ...pointer].map(escaped).join('/')
    const validate = this.#ajv.getSchema(`${BASE}#/${fragment}`)
    if (!validate) throw new Error(`The document has no ${fragment}`)
    return validate
  }

  /** A fault in a schema that no test comes across is one as well. */
  #compileAll(operation: ApiOperation): void {
    for (const at of operation.parameters.keys()) {
      this.#validator(operation, ['parameters', String(at), 'schema'])
    }
    for (const type of Object.keys(operation.requestBody?.content ?? {})) {
      this.#validator(operation, ['requestBody', 'content', type, 'schema'])
    }
    for (const [status, { headers, content }] of Object.entries(operation.responses)) {
      const response = ['responses', status]
      for (const name of Object.keys(headers))
        this.#validator(operation, [...response, 'headers', name, 'schema'])
      for (const type of Object.keys(content))
        this.#validator(operation, [...response, 'content', type, 'schema'])
    }
  }
}

export function mediaTypeOf(headers: Headers): string {
  return (headers.get('content-type') ?? '').replace(/;.*/, '').trim().toLowerCase()
}

export function isJson(mediaType: string): boolean {
  return mediaType === 'application/json' || mediaType.endsWith('+json')
}

/** The texts that are sent for one parameter. */
export function textsOf(value: string | number | boolean | readonly string[]): readonly string[] {
  return typeof value === 'object' ? value : [String(value)]
}

/** What texts that came over HTTP are taken for, by the type that a schema has. */
function readAs({ type, items }: Schema, texts: readonly string[]): unknown {
  if (type === 'array') {
    const each = schemaSchema.parse(items ?? {})
    return texts.map((text) => readAs(each, [text]))
  }
  const [text = '', ...more] = texts
  if (more.length > 0) return texts
  if (type === 'integer' || type === 'number') return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text
  return text
}

function readForm(form: FormData, fields: Readonly<Record<string, Schema>>): Record<string, unknown> {
  return Object.fromEntries(
    [...new Set(form.keys())].map((name) => {
      const texts = form.getAll(name).map((value) => (typeof value === 'string' ? value : BYTES))
      return [name, readAs(fields[name] ?? {}, texts)]
    }),
  )
}

/** That of the listed media types, maybe a range as `image/*`, which this one is of. */
function listedType(listed: readonly string[], type: string): string | undefined {
  const range = `${type.split('/')[0]}/*`
  return listed.find((each) => each === type) ?? listed.find((each) => each === range)
}

function problemFaults(description: string, { status, json }: ApiAnswer): string[] {
  const problem = z.object({ status: z.number(), code: z.string() }).safeParse(json)
  // The schema has said so.
  if (!problem.success) return []
  return [
    ...(problem.data.status === status ? [] : [`the problem has the status ${problem.data.status}`]),
    ...(codesIn(description).includes(problem.data.code)
      ? []
      : [`the code ${problem.data.code} is not listed for ${status}`]),
  ]
}

/** The document lists the codes of a status in words: JSON Schema would have to repeat the whole problem. */
function codesIn(description: string): string[] {
  return [...description.matchAll(/^- `([a-z/-]+)`:/gm)].map(([, code = '']) => code)
}

/** A part of a JSON pointer in a URI. */
function escaped(part: string): string {
  return encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))
}
