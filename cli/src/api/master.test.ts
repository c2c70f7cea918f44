import type { RequestListener } from 'node:http'
import { afterEach, expect, it } from 'vitest'
import { z } from 'zod'
import { HttpServer } from '../../testing/http-server.ts'
import { Master } from './master.ts'

const numberSchema = z.object({ number: z.int() })

let server: HttpServer
afterEach(() => server.stop())

async function linesOf(answer: RequestListener): Promise<number[]> {
  server = await HttpServer.start(answer)
  const numbers: number[] = []
  for await (const { number } of new Master(server.url).lines('/list', numberSchema)) numbers.push(number)
  return numbers
}

it('shows its token, and writes parameters as the API reads them', async () => {
  let asked: (string | undefined)[] = []
  server = await HttpServer.start(({ url, headers }, response) => {
    asked = [url, headers.authorization]
    response.end('{"number":1}')
  })
  const query = { tag: ['a=1', 'b=ö&'], owner: undefined, sort: '-ended' }
  await new Master(server.url, 'secret').get('/jobs', numberSchema, { query })
  expect(asked).toEqual(['/api/v1/jobs?tag=a%3D1&tag=b%3D%C3%B6%26&sort=-ended', 'Bearer secret'])
})

it('reads lists by lines, however they are cut', async () => {
  const list: RequestListener = (_request, response) => {
    response.write('{"number":1}\n{"num')
    setImmediate(() => response.end('ber":2}\n{"number":3}\n'))
  }
  expect(await linesOf(list)).toEqual([1, 2, 3])
})

it('takes no part of a list for the whole', async () => {
  const list: RequestListener = (request, response) => {
    response.write('{"number":1}\n', () => request.socket.destroy())
  }
  await expect(linesOf(list)).rejects.toThrow('The master cannot be reached')
})
