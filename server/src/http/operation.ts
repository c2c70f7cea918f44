/**
 * One operation of the REST API, said once: what it takes, what it may answer, and what it does. The routes here
 * and the OpenAPI document in openapi.ts are both made of it, so that neither knows what the other does not.
 */
import { type ProblemCode, ProblemError } from '@argus/shared'
import { type Request, type Response, Router } from 'express'
import { z } from 'zod'

type Method = 'get' | 'post' | 'delete'

/** What comes back where nothing went wrong. */
export interface Answer {
  readonly description: string
  /** Of a JSON document. */
  readonly schema?: z.ZodType
  /** The media types of anything else. */
  readonly types?: readonly string[]
  readonly headers?: z.ZodRawShape
}

/** A body that the operation reads itself, by media type. */
export type Body = Readonly<Record<string, z.ZodType>>

interface Description<Params, Query, Headers> {
  /** Its name, in the API a unique one: `listJobs`. */
  readonly id: string
  readonly method: Method
  /** With parameters in braces: `/api/v1/jobs/{id}`. */
  readonly path: string
  readonly topic: string
  /** A few words. */
  readonly summary: string
  readonly description?: string
  readonly params?: Params
  /** What it means when these are not of their form. */
  readonly missing?: ProblemCode
  /** Takes these and no others. A list may come several times. */
  readonly query?: Query
  /** Those that it looks at, in lower case. */
  readonly headers?: Headers
  readonly body?: Body
  /** It may as well come without one. */
  readonly bodyOptional?: boolean
  readonly answers: Readonly<Record<number, Answer>>
  /** What may go wrong beside what may go wrong everywhere. */
  readonly problems?: readonly ProblemCode[]
}

/** A request whose parameters are what the operation says. */
export interface Call<
  Params extends z.ZodRawShape,
  Query extends z.ZodRawShape,
  Headers extends z.ZodRawShape,
> {
  readonly request: Request
  readonly response: Response
  readonly params: z.infer<z.ZodObject<Params>>
  readonly query: z.infer<z.ZodObject<Query>>
  readonly headers: z.infer<z.ZodObject<Headers>>
}

type NoShape = Record<never, never>

export interface Operation extends Description<z.ZodRawShape, z.ZodRawShape, z.ZodRawShape> {
  readonly handle: (request: Request, response: Response) => void | Promise<void>
}

/**
 * Makes an operation.
 *
 * @param handle may throw ProblemError, which is then the answer
 */
export function operation<
  Params extends z.ZodRawShape = NoShape,
  Query extends z.ZodRawShape = NoShape,
  Headers extends z.ZodRawShape = NoShape,
>(
  description: Description<Params, Query, Headers>,
  handle: (call: Call<Params, Query, Headers>) => void | Promise<void>,
): Operation {
  const params = z.object(description.params ?? ({} as Params))
  const query = z.strictObject(description.query ?? ({} as Query))
  const headers = z.object(description.headers ?? ({} as Headers))
  return {
    ...description,
    handle: (request, response) => {
      const named = params.safeParse(request.params)
      if (!named.success) {
        throw new ProblemError(
          description.missing ?? 'request/not-found',
          Object.values(request.params).join('/'),
        )
      }
      return handle({
        request,
        response,
        params: named.data,
        query: query.parse(withLists(request.query, query.shape)),
        headers: headers.parse(request.headers),
      })
    },
  }
}

/** The routes of operations. Another method at one of their addresses is 405, and told which there are. */
export function routesOf(operations: readonly Operation[]): Router {
  const router = Router()
  for (const path of new Set(operations.map((each) => each.path))) {
    const route = router.route(path.replace(/\{(\w+)\}/g, ':$1'))
    const here = operations.filter((each) => each.path === path)
    // Express 5 passes what an asynchronous handler throws to the error handler.
    for (const { method, handle } of here) route[method](handle)
    // Express answers HEAD as it does GET, without the body.
    const methods = here.flatMap(({ method }) => (method === 'get' ? ['GET', 'HEAD'] : method.toUpperCase()))
    route.all((_request, response) => {
      response.set('Allow', methods.join(', '))
      throw new ProblemError('request/method-not-allowed', `Only ${methods.join(', ')}.`)
    })
  }
  return router
}

/** A list of one comes as if it were none. */
function withLists(query: Request['query'], shape: z.ZodRawShape): Record<string, unknown> {
  const lists = Object.keys(query).filter((name) => isList(shape[name]) && !Array.isArray(query[name]))
  return { ...query, ...Object.fromEntries(lists.map((name) => [name, [query[name]]])) }
}

function isList(schema: z.core.$ZodType | undefined): boolean {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return isList(schema.unwrap())
  return schema instanceof z.ZodArray
}
