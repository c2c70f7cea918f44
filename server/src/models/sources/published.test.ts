import { readdir, readFile } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { GRAPH_MODEL, modelJson, serve, tempFolder } from '../../../testing/unit.ts'
import { publishedSource } from './published.ts'

/** Long enough never to matter, where a test is not about it. */
const PATIENT_SECONDS = 60

function sourceAt(url: string, stallSeconds = PATIENT_SECONDS) {
  return publishedSource({ name: 'Tiny', interpretation: GRAPH_MODEL, url }, stallSeconds)
}

/** Answers with these files, below any folder; 404 for others. */
function files(contents: Record<string, string>, asked: string[] = []): RequestListener {
  return ({ url = '' }, response) => {
    asked.push(url)
    const content = contents[url.split('/').at(-1) ?? '']
    response.writeHead(content === undefined ? 404 : 200).end(content)
  }
}

async function fetchInto(source: ReturnType<typeof sourceAt>, signal = new AbortController().signal) {
  const into = await tempFolder()
  const progress: number[] = []
  const fetched = await source.fetch(into, (received) => progress.push(received), signal)
  return { into, fetched, progress }
}

describe('a published model', () => {
  it('is fetched with the weights that lie beside it', async () => {
    const asked: string[] = []
    const contents = { 'model.json': modelJson(['a.bin', 'b.bin']), 'a.bin': 'AAA', 'b.bin': 'BBB' }
    const url = await serve(files(contents, asked))
    const { into, fetched, progress } = await fetchInto(sourceAt(`${url}/v2/model.json`))
    expect(fetched).toMatchObject({ name: 'Tiny', interpretation: GRAPH_MODEL })
    expect(asked).toEqual(['/v2/model.json', '/v2/a.bin', '/v2/b.bin'])
    for (const [name, content] of Object.entries(contents)) {
      expect(await readFile(join(into, name), 'utf8')).toBe(content)
    }
    expect(progress.at(-1)).toBe(Object.values(contents).join('').length)
    expect(progress).toEqual(progress.toSorted((a, b) => a - b))
  })

  it('is pinned to its address', () => {
    expect(sourceAt('http://example.org/model.json').pin).toBe('http://example.org/model.json')
  })

  it('fails where the address is unknown to the server', async () => {
    const url = await serve(files({}))
    await expect(fetchInto(sourceAt(`${url}/model.json`))).rejects.toMatchObject({
      code: 'model/source-failed',
      message: `${url}/model.json answers 404`,
    })
  })

  it('fails where weights are missing', async () => {
    const url = await serve(files({ 'model.json': modelJson(['a.bin']) }))
    await expect(fetchInto(sourceAt(`${url}/model.json`))).rejects.toThrow(`${url}/a.bin answers 404`)
  })

  it('fails where nothing listens, and says so', async () => {
    // Nobody serves the port of discard.
    await expect(fetchInto(sourceAt('http://127.0.0.1:9/model.json'))).rejects.toMatchObject({
      code: 'model/source-failed',
      message: expect.not.stringMatching(/^fetch failed$/),
    })
  })

  it('fails where the answer is a page', async () => {
    const url = await serve(files({ 'model.json': '<html>Please log in</html>' }))
    await expect(fetchInto(sourceAt(`${url}/model.json`))).rejects.toMatchObject({
      code: 'model/source-failed',
      message: expect.stringContaining('not one of TensorFlow.js'),
    })
  })

  it('fails where the connection breaks in the middle', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': '1000' })
      response.write('{"format"', () => response.destroy())
    })
    await expect(fetchInto(sourceAt(`${url}/model.json`))).rejects.toMatchObject({
      code: 'model/source-failed',
    })
  })

  it.each(['../outside.bin', '/outside.bin', 'sub/outside.bin', 'http://127.0.0.1:9/outside.bin'])(
    'cannot name its weights %s, and nothing is fetched then',
    async (name) => {
      const asked: string[] = []
      const contents = { 'model.json': modelJson(['a.bin', name]), 'a.bin': 'A', 'outside.bin': 'O' }
      const url = await serve(files(contents, asked))
      const into = await tempFolder()
      const { signal } = new AbortController()
      const fetching = sourceAt(`${url}/v2/model.json`).fetch(into, () => undefined, signal)
      await expect(fetching).rejects.toMatchObject({ code: 'model/source-failed' })
      expect(asked).toEqual(['/v2/model.json'])
      expect(await readdir(into)).toEqual(['model.json'])
    },
  )

  it.each<[string, RequestListener]>([
    ['never answers', () => undefined],
    ['answers and sends nothing', (_request, response) => response.writeHead(200).flushHeaders()],
    ['stops in the middle', (_request, response) => void response.writeHead(200).write('{')],
    [
      'stops in the middle of its weights',
      ({ url = '' }, response) => {
        if (url.endsWith('model.json')) response.end(modelJson(['a.bin']))
        else response.writeHead(200).write('AAA')
      },
    ],
  ])('is given up where the server %s', async (_what, listener) => {
    const url = await serve(listener)
    await expect(fetchInto(sourceAt(`${url}/model.json`, 0.3))).rejects.toMatchObject({
      code: 'model/source-failed',
      message: 'It sent next to nothing for 0.3 s',
    })
  })

  it('is given up when the master stops', async () => {
    const stop = new AbortController()
    const url = await serve(() => stop.abort())
    await expect(fetchInto(sourceAt(`${url}/model.json`), stop.signal)).rejects.toMatchObject({
      code: 'model/source-failed',
    })
  })
})
