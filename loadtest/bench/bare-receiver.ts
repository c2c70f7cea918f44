/** What submitting is measured against: an Express handler that writes each body to disk and answers 201, and no more. */
import { randomUUID } from 'node:crypto'
import { open } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import express from 'express'

const [folder = ''] = process.argv.slice(2)

const app = express()
app.post('/', async (request, response) => {
  const file = await open(join(folder, randomUUID()), 'wx')
  await pipeline(request, file.createWriteStream({ flush: true }))
  response.status(201).json({})
})

const server = app.listen(0, '127.0.0.1', () => {
  process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
})
process.once('disconnect', () => process.exit())
