/** Hostile uploads, each made of the run's seed and its own number alone: any of them can be made again. */
import type { OutgoingHttpHeaders } from 'node:http'
import { gzipSync } from 'node:zlib'
import { Random } from '../random.ts'
import { hostileForm } from './forms.ts'
import { mutated, noise } from './mutations.ts'
import type { Picture } from './pictures.ts'
import { hostileQuery } from './queries.ts'
import { rawUpload } from './raw-uploads.ts'
import type { HostileUpload, WellFormedUpload } from './uploads.ts'
import { CANCELLED_BATCH, OPEN_BATCH, shown } from './words.ts'

/** Photos one by one, or many at once. */
const PATHS = ['/api/v1/jobs', '/api/v1/jobs', '/api/v1/jobs', '/api/v1/batches']

const BODY_TYPES = ['image/svg+xml', 'image/heic', 'image/x-none', 'image/', 'IMAGE/PNG', 'image/*']
const NO_BODY_TYPES = ['', 'text/plain', 'application/json', 'image', 'multipart/mixed', 'video/mp4', '\xff']

/** Headers that are odd, and what they may be. */
const HEADERS: ReadonlyArray<readonly [name: string, values: readonly string[]]> = [
  ['idempotency-key', ['', ' ', 'k'.repeat(256), '\xe9', '__proto__', 'one', 'two', "'; --", '{}']],
  ['content-encoding', ['gzip', 'br', 'identity', 'x']],
  ['expect', ['100-continue', '100-Continue']],
  ['prefer', ['wait=0', 'wait=-1', 'wait=x', 'wait', 'wait=', 'respond-async, wait="0"', 'x'.repeat(3000)]],
  ['connection', ['close']],
  ['x-long', ['x'.repeat(20_000)]],
  ['origin', ['http://elsewhere.example', 'null', '', '\xff']],
  ['host', ['elsewhere.example', '', 'x'.repeat(300), '[::', '127.0.0.1:99999']],
  ['authorization', ['Basic', 'Bearer x', 'Basic \xff', `Basic ${'A'.repeat(5000)}`]],
  ['cookie', ['a', '=', '__proto__=x', 'a="', `a=${'%'.repeat(3000)}`]],
  ['accept', ['text/html', 'x', '']],
  ['range', ['bytes=0-0', 'bytes=-1']],
  ['x-http-method-override', ['DELETE']],
]

/** What uploads are made of. */
export interface Material {
  readonly pictures: readonly Picture[]
  /** Ids of batches. */
  readonly batches: { readonly open: string; readonly cancelled: string }
}

/** @param number names it, within a run of this seed */
export function hostileUpload(material: Material, seed: number, number: number): HostileUpload {
  // Far apart, so that no two of them walk through the same numbers.
  const random = new Random((seed + Math.imul(number, 0x9e3779b1)) | 0)
  const isRaw = random.chance(0.1)
  const upload = wellFormedUpload(material, random)
  return isRaw ? rawUpload(upload, random) : upload
}

function wellFormedUpload({ pictures, batches }: Material, random: Random): WellFormedUpload {
  const picture = mutated(pictures, random)
  const path = random.pick(PATHS)
  const {
    type,
    body: written,
    twists,
  } = random.chance(0.65) ? hostileForm(picture, random) : bareBody(picture, random)
  const body = withBatches(written, batches)
  const query = random.chance(0.35) ? withBatches(Buffer.from(hostileQuery(random)), batches).toString() : ''
  const headers: OutgoingHttpHeaders = type === undefined ? {} : { 'content-type': type }
  const oddHeaders = random.chance(0.3) ? [addOddHeader(headers, random)] : []
  const isGzipped = headers['content-encoding'] === 'gzip' && random.chance(0.5)
  const chunkBytes = random.chance(0.2) ? 1 + random.below(Math.max(body.length, 2000)) : null
  return {
    kind: 'well-formed',
    description: [
      path,
      picture.name,
      ...twists,
      ...(query === '' ? [] : [`query ${shown(query)}`]),
      ...oddHeaders,
      ...(chunkBytes === null ? [] : [`chunks of ${chunkBytes}`]),
    ].join(', '),
    target: query === '' ? path : `${path}?${query}`,
    headers,
    body: isGzipped ? gzipSync(body) : body,
    chunkBytes,
  }
}

/** With the ids of batches that there are, which are as long as what stands for them. */
function withBatches(bytes: Buffer, { open, cancelled }: Material['batches']): Buffer {
  const ids = [
    [OPEN_BATCH, open],
    [OPEN_BATCH.toUpperCase(), open.toUpperCase()],
    [CANCELLED_BATCH, cancelled],
  ] as const
  return ids.reduce((text, [placeholder, id]) => {
    const at = text.indexOf(placeholder)
    return at === -1
      ? text
      : Buffer.concat([text.subarray(0, at), Buffer.from(id), text.subarray(at + id.length)])
  }, bytes)
}

interface Body {
  readonly type: string | undefined
  readonly body: Buffer
  readonly twists: readonly string[]
}

/** The picture as the body itself, of a type that is true, another or none. */
function bareBody(picture: Picture, random: Random): Body {
  const isTaken = random.chance(0.6)
  const type = isTaken ? random.pick([...BODY_TYPES, 'image/png', 'image/jpeg']) : random.pick(NO_BODY_TYPES)
  const body = random.chance(0.02) ? noise(random, 200_000) : picture.bytes
  if (type === '' && random.chance(0.5)) return { type: undefined, body, twists: ['body without a type'] }
  return { type, body, twists: [`body of type ${shown(type)}`] }
}

function addOddHeader(headers: OutgoingHttpHeaders, random: Random): string {
  const [name, values] = random.pick(HEADERS)
  const value = random.pick(values)
  headers[name] = value
  return `${name}: ${shown(value)}`
}
