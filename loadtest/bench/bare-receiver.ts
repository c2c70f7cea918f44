/** What submitting is measured against: an Express handler that writes each body to disk and answers 201, and no more. */
import { randomUUID } from 'node:crypto'
import { open } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import express from 'express'

const [folder = '', host = '127.0.0.1', port = '0'] = process.argv.slice(2)

const app = express()
app.post('/', async (request, response) => {
  const file = await open(join(folder, randomUUID()), 'wx')
  await pipeline(request, file.createWriteStream({ flush: true }))
  response.status(201).json({})
})

const server = app.listen(Number(port), host, () => {
  process.send?.(`http://${host}:${(server.address() as AddressInfo).port}/`)
})
process.once('disconnect', () => process.exit())
