/** Sends a file from the data folder. Its type is told by us, never guessed by the browser: it was uploaded. */

import { ProblemError } from '@argus/shared'
import type { Response } from 'express'

/**
 * @param path absolute path of a file that never changes
 * @param type the media type that it is sent as
 * @throws ProblemError `image/not-found`
 */
export async function sendStoredFile(response: Response, path: string, type: string): Promise<void> {
  response.type(type)
  response.set('Content-Disposition', 'inline')
  await new Promise<void>((resolve, reject) => {
    response.sendFile(path, { dotfiles: 'allow', immutable: true, maxAge: '365d' }, (error) => {
      if (!error) resolve()
      else if ('code' in error && error.code === 'ENOENT') reject(new ProblemError('image/not-found'))
      // The client went away in the middle: there is nobody left to tell.
      else if (response.headersSent) resolve()
      else reject(error)
    })
  })
}
