/** Turns every error that reaches the REST door into a problem document (RFC 9457). */

import type { ServerResponse } from 'node:http'
import { PROBLEMS, type ProblemCode, ProblemError, type ProblemKind, problemDocument } from '@argus/shared'
import type { ErrorRequestHandler, Request, RequestHandler } from 'express'
import { ZodError } from 'zod'
import type { Logger } from '../log.ts'
import { toProblem } from '../problem.ts'
import { dropBody } from './drop-body.ts'

/** Answers with one problem. */
export function sendProblem(response: ServerResponse, code: ProblemCode, detail?: string): void {
  const { status, retryAfterSeconds }: ProblemKind = PROBLEMS[code]
  const body = Buffer.from(JSON.stringify(problemDocument(code, detail)))
  if (retryAfterSeconds !== undefined) response.setHeader('Retry-After', String(retryAfterSeconds))
  response.writeHead(status, {
    'Content-Type': 'application/problem+json; charset=utf-8',
    'Content-Length': body.length,
  })
  response.end(body)
}

/** For requests that no route took. */
export const notFound: RequestHandler = (request) => {
  throw new ProblemError('request/not-found', `${request.method} ${request.path}`)
}

/** Makes an error, whatever it is, what the client of this request may be told. */
export type TellProblem = (error: unknown, request: Request) => ProblemError

/**
 * Errors that are no one's fault but ours are logged, never shown.
 *
 * @param note is told of each error
 */
export function problemTeller(log: Logger, note: (error: unknown) => void = () => undefined): TellProblem {
  return (error, request) => {
    note(error)
    const problem = asProblem(error)
    if (problem.code === 'request/internal') {
      log.error({ err: error, method: request.method, path: request.path }, 'A request failed')
    }
    return problem
  }
}

/** The last handler of the app. */
export function problemHandler(tell: TellProblem): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    const problem = tell(error, request)
    // Too late for an answer: cutting the connection is the only way left to say that it is not whole.
    if (response.headersSent) response.destroy()
    else if (problem.code === 'request/too-slow') {
      // Whoever sends slowly, on purpose or not, is waited for no longer.
      response.set('Connection', 'close').once('finish', () => request.destroy())
      sendProblem(response, problem.code, problem.message)
    } else void dropBody(request, response).then(() => sendProblem(response, problem.code, problem.message))
  }
}

function asProblem(error: unknown): ProblemError {
  if (error instanceof ZodError) {
    const unknown = error.issues.find((issue) => issue.code === 'unrecognized_keys')
    if (unknown) return new ProblemError('request/unknown-parameter', unknown.keys.join(', '))
    const detail = error.issues.map((issue) => `${issue.path.join('.') || 'request'}: ${issue.message}`)
    return new ProblemError('request/invalid', detail.join('; '))
  }
  // Express and its parsers mark what the client did wrong (a path such as /%ff) with a 4xx status.
  if (
    error instanceof Error &&
    'status' in error &&
    Number(error.status) >= 400 &&
    Number(error.status) < 500
  ) {
    // The message of a missing file has its path in it.
    if (error.status === 404) return new ProblemError('request/not-found')
    return new ProblemError('request/invalid', error.message)
  }
  return toProblem(error)
}
