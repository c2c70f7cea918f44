/** Makes a handler of a route, which takes the query parameters that it names and no others. */
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
