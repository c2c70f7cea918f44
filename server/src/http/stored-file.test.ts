import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { problemSchema } from '@argus/shared'
import express from 'express'
import { describe, expect, it } from 'vitest'
import { serve, silentLog, tempFolder } from '../../testing/unit.ts'
import { problemHandler, problemTeller } from './problem.ts'
import { sendStoredFile } from './stored-file.ts'

async function startServer() {
  const path = join(await tempFolder(), 'photo')
  const app = express()
  app.get('/', (_request, response) => sendStoredFile(response, path, 'image/webp'))
  app.use(problemHandler(problemTeller(silentLog)))
  return { url: await serve(app), path }
}

describe('a stored file', () => {
  it('is sent as the type that is told, to be kept for ever', async () => {
    const { url, path } = await startServer()
    await writeFile(path, '<html>')
    const response = await fetch(url)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('image/webp')
    expect(response.headers.get('cache-control')).toContain('immutable')
    expect(await response.text()).toBe('<html>')
  })

  it.each([
    ['is not there', async () => undefined],
    ['is empty', (path: string) => writeFile(path, '')],
  ])('is not found where it %s, and may be there later', async (_how, prepare) => {
    const { url, path } = await startServer()
    await prepare(path)
    const response = await fetch(url)
    expect(response.status).toBe(404)
    expect(response.headers.get('content-type')).toContain('application/problem+json')
    expect(response.headers.get('cache-control')).toBeNull()
    expect(problemSchema.parse(await response.json()).code).toBe('image/not-found')
    await writeFile(path, 'picture')
    expect(await (await fetch(url)).text()).toBe('picture')
  })
})
