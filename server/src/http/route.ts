/** Handlers of routes: they take the query parameters that they name and no others, and say which methods there are. */
import { ProblemError } from '@argus/shared'
import type { Request, RequestHandler, Response } from 'express'
import { z } from 'zod'

/**
 * A parameter that is not named is 400, so that a typo never turns a filtered request into one without a
 * filter.
 *
 * @param query the schema of each parameter
 */
export function route<Query extends z.ZodRawShape>(
  query: Query,
  handle: (
    request: Request<Record<string, string>>,
    response: Response,
    query: z.infer<z.ZodObject<Query>>,
  ) => void | Promise<void>,
): RequestHandler<Record<string, string>> {
  const schema = z.strictObject(query)
  // Express 5 passes what an asynchronous handler throws to the error handler.
  return (request, response) => handle(request, response, schema.parse(request.query))
}

/** The last handler of an address: answers 405, and tells which methods it does take. */
export function onlyMethods(...methods: string[]): RequestHandler {
  return (_request, response) => {
    response.set('Allow', methods.join(', '))
    throw new ProblemError('request/method-not-allowed', `Only ${methods.join(' and ')}.`)
  }
}
