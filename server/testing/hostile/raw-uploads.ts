/** Uploads that HTTP libraries refuse to send: malformed HTTP, and connections that break off. */
import type { Random } from '../random.ts'
import { noise } from './mutations.ts'
import type { RawUpload, WellFormedUpload } from './uploads.ts'
import { shown } from './words.ts'

/** What becomes a request: its head by lines, without their ends, and its body as it is sent. */
interface Message {
  lines: string[]
  body: Buffer
  ending: RawUpload['ending']
}

type Malformation = (message: Message, random: Random) => string | undefined

const MALFORMATIONS: Readonly<Record<string, Malformation>> = {
  'broken off': (message, random) => {
    message.ending = random.pick(['end', 'reset'])
    message.body = message.body.subarray(0, random.below(message.body.length + 1))
    return message.ending
  },
  'broken off within its head': (message, random) => {
    message.ending = random.pick(['end', 'reset'])
    message.lines = message.lines.slice(0, random.below(message.lines.length))
    message.body = Buffer.alloc(0)
    return message.ending
  },
  'length too large': (message) => {
    setHeader(message, 'Content-Length', String(message.body.length + 100_000))
    message.ending = 'end'
    return undefined
  },
  'length too small': (message, random) => {
    setHeader(message, 'Content-Length', String(random.below(message.body.length + 1)))
    return undefined
  },
  'odd length': (message, random) => {
    const length = random.pick(['-5', 'x', '', '0x10', '1e3', '+10', '9'.repeat(30), '5, 5', '5 5', '\0'])
    setHeader(message, 'Content-Length', length)
    // Where that is a length, it is not that of the body.
    message.ending = 'end'
    return shown(length)
  },
  'two lengths': (message) => {
    message.lines.push('Content-Length: 7')
    return undefined
  },
  'length and chunks': (message, random) => {
    message.lines.push('Transfer-Encoding: chunked')
    if (random.chance(0.5)) message.body = chunked(message.body)
    return undefined
  },
  'bad chunk': (message, random) => {
    const sizes = [
      'zz',
      '-1',
      'ffffffffffffffffff',
      '',
      '7fffffffffffffff',
      '5;',
      `5;${'x'.repeat(20_000)}`,
      '0x5',
    ]
    const size = random.pick(sizes)
    setHeader(message, 'Transfer-Encoding', 'chunked')
    message.body = Buffer.concat([Buffer.from(`${size}\r\n`), message.body, Buffer.from('\r\n0\r\n\r\n')])
    message.ending = 'end'
    return shown(size)
  },
  'odd transfer encoding': (message, random) => {
    const encoding = random.pick([
      'gzip',
      'chunked, gzip',
      'gzip, chunked',
      'chunked, chunked',
      'xchunked',
      '',
    ])
    setHeader(message, 'Transfer-Encoding', encoding)
    message.body = chunked(message.body)
    message.ending = 'end'
    return shown(encoding)
  },
  'odd line': (message, random) => {
    const line = random.pick([
      'X : y',
      ': y',
      'no colon',
      'X: \0',
      'X: a\rb',
      ' folded',
      'X: \x7f\x01',
      '\xff\xfe: x',
    ])
    message.lines.splice(1 + random.below(message.lines.length), 0, line)
    return shown(line)
  },
  'odd first line': (message, random) => {
    const path = '/api/v1/jobs'
    const line = random.pick([
      `POST ${path} HTTP/1.0`,
      `POST ${path} HTTP/0.9`,
      `POST ${path} HTTP/9.9`,
      `POST ${path}`,
      `post ${path} HTTP/1.1`,
      `BREW ${path} HTTP/1.1`,
      `POST  ${path}  HTTP/1.1`,
      `POST http://elsewhere.example${path} HTTP/1.1`,
      `POST ${path}/../../../etc/passwd HTTP/1.1`,
      `POST ${path}\0 HTTP/1.1`,
      `POST //${path} HTTP/1.1`,
      'POST * HTTP/1.1',
      `POST ${path}?${'x'.repeat(30_000)} HTTP/1.1`,
      'PRI * HTTP/2.0',
    ])
    message.lines[0] = line
    message.ending = 'end'
    return shown(line)
  },
  'without a host': (message) => {
    message.lines = message.lines.filter((line) => !/^host:/i.test(line))
    return undefined
  },
  'two hosts': (message) => {
    message.lines.push('Host: elsewhere.example')
    return undefined
  },
  'another expectation': (message, random) => {
    setHeader(message, 'Expect', random.pick(['x', '200-ok', '100-continue, x']))
    return undefined
  },
  'many headers': (message) => {
    message.lines.push(...Array.from({ length: 3000 }, (_, number) => `X-${number}: x`))
    return undefined
  },
  'twice at once': (message) => {
    // Node 20 sends the "100 Continue" of a second one behind the head of its answer.
    message.lines = message.lines.filter((line) => !/^expect:/i.test(line))
    const again = Buffer.concat([head(message.lines), message.body])
    message.body = Buffer.concat([message.body, again])
    return undefined
  },
  'no HTTP': (message, random) => {
    message.lines = []
    message.body = random.pick([
      noise(random, 3000),
      Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]),
      Buffer.alloc(70_000, 'a'),
      Buffer.from('\r\n\r\n\r\n'),
    ])
    message.ending = 'end'
    return undefined
  },
}

/** The same upload, malformed in one way. */
export function rawUpload(upload: WellFormedUpload, random: Random): RawUpload {
  const message: Message = { lines: linesOf(upload), body: upload.body, ending: 'wait' }
  const name = random.pick(Object.keys(MALFORMATIONS))
  const more = MALFORMATIONS[name]?.(message, random)
  return {
    kind: 'raw',
    description: [upload.description, more === undefined ? name : `${name} ${more}`].join(', '),
    bytes: Buffer.concat([head(message.lines), message.body]),
    ending: message.ending,
  }
}

function linesOf({ target, headers, body }: WellFormedUpload): string[] {
  const all = { host: '127.0.0.1', 'content-length': body.length, ...headers }
  return [`POST ${target} HTTP/1.1`, ...Object.entries(all).map(([name, value]) => `${name}: ${value}`)]
}

function head(lines: readonly string[]): Buffer {
  return lines.length === 0 ? Buffer.alloc(0) : Buffer.from([...lines, '', ''].join('\r\n'), 'latin1')
}

/** In the place of any length, or of the header itself. */
function setHeader(message: Message, name: string, value: string): void {
  const isOther = (line: string) => !new RegExp(`^(content-length|${name}):`, 'i').test(line)
  message.lines = [...message.lines.filter(isOther), `${name}: ${value}`]
}

function chunked(body: Buffer): Buffer {
  const middle = Math.floor(body.length / 2)
  const pieces = [body.subarray(0, middle), body.subarray(middle)].filter((piece) => piece.length > 0)
  const encoded = pieces.flatMap((piece) => [
    Buffer.from(`${piece.length.toString(16)}\r\n`),
    piece,
    Buffer.from('\r\n'),
  ])
  return Buffer.concat([...encoded, Buffer.from('0\r\n\r\n')])
}
