/** Checks every HTTP request at the door, before anything else sees it. */
import { ProblemError } from '@argus/shared'
import type { RequestHandler } from 'express'
import type { Doors } from '../auth/doors.ts'

export function admission(doors: Doors): RequestHandler {
  return (request, response, next) => {
    try {
      doors.admit(request.headers, request.path)
    } catch (error) {
      if (error instanceof ProblemError && error.code === 'auth/required') {
        // Browsers ask for a name and a password then; the token is the password, the name is free.
        response.set('WWW-Authenticate', 'Basic realm="Argus", charset="UTF-8"')
      }
      throw error
    }
    // Not every browser shows Basic credentials in a WebSocket's handshake; all of them show a cookie.
    const session = doors.sessionFor(request.headers)
    if (session) response.cookie(session.name, session.value, { httpOnly: true, sameSite: 'strict' })
    next()
  }
}
