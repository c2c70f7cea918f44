/** Sends a file from the data folder. Its type is told by us, never guessed by the browser: it was uploaded. */
import { stat } from 'node:fs/promises'
import { ProblemError } from '@argus/shared'
import type { Response } from 'express'
import { hasCode } from '../error-code.ts'

/** It never changes, so nobody need ask whether it has; and photos are read as a whole. */
const OPTIONS = {
  dotfiles: 'allow',
  immutable: true,
  maxAge: '365d',
  acceptRanges: false,
  etag: false,
  lastModified: false,
} as const

/**
 * @param path absolute path of a file that never changes
 * @param type the media type that it is sent as
 * @throws ProblemError `image/not-found`
 */
export async function sendStoredFile(response: Response, path: string, type: string): Promise<void> {
  // A power cut leaves an empty file of a thumbnail that had not reached the disk.
  if ((await sizeOf(path)) === 0) throw new ProblemError('image/not-found')
  response.type(type)
  response.set('Content-Disposition', 'inline')
  await new Promise<void>((resolve, reject) => {
    response.sendFile(path, OPTIONS, (error) => {
      if (!error) resolve()
      // The sweep may have removed it in between.
      else if (hasCode(error, 'ENOENT')) reject(new ProblemError('image/not-found'))
      // The client went away in the middle: there is nobody left to tell.
      else if (response.headersSent) resolve()
      else reject(error)
    })
  })
}

/** In bytes; 0 where there is no such file. */
async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return 0
    throw error
  }
}
