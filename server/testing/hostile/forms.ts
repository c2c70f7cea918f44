/** Forms (multipart/form-data) with a picture, written by hand so that all about them can be wrong. */
import type { Random } from '../random.ts'
import type { Picture } from './pictures.ts'
import { fieldName, fileName, option, shown } from './words.ts'

interface Part {
  /** Lines, without their ends. */
  headers: string[]
  body: Buffer
}

interface Form {
  /** In the lines of the body. */
  boundary: string
  /** Of the request. */
  type: string
  parts: Part[]
  preamble: string
  /** What follows the last part's line break. */
  end: string
}

export interface FormBody {
  readonly type: string
  readonly body: Buffer
  /** What is odd about it. */
  readonly twists: readonly string[]
}

/** Changes one thing, and may say more about it. */
type Twist = (form: Form, random: Random) => string | undefined

const BOUNDARY = '----hostile1234567890'

/** Harmless or not: the photo may well be taken. */
const ODDITIES: Readonly<Record<string, Twist>> = {
  name: (form, random) => {
    const name = fileName(random)
    imageOf(form).headers[0] = disposition('image', name)
    return shown(name)
  },
  'lying part type': (form, random) => {
    const type = random.pick([
      'image/png',
      'text/html',
      'application/x-sh',
      'image/svg+xml',
      'x',
      '',
      'a/b; c="',
    ])
    imageOf(form).headers[1] = `Content-Type: ${type}`
    return shown(type)
  },
  'odd charset': (form, random) => {
    const charset = random.pick([
      'utf-7',
      'utf-16le',
      'x-nothing',
      'latin1',
      "utf-8'en'",
      '\0',
      'hex',
      'base64',
    ])
    form.parts.unshift(field('owner', 'me', `Content-Type: text/plain; charset=${charset}`))
    return shown(charset)
  },
  'extended name': (form, random) => {
    const name = random.pick(["UTF-8''%2e%2e%2fx", "UTF-8''%ff%fe", "x-none'en'a", "UTF-8''%", "''", 'UTF-8'])
    imageOf(form).headers[0] = `Content-Disposition: form-data; name="image"; filename*=${name}`
    return shown(name)
  },
  'transfer encoding': (form, random) => {
    imageOf(form).headers.push(`Content-Transfer-Encoding: ${random.pick(['base64', '7bit', 'gzip', 'x'])}`)
    return undefined
  },
  preamble: (form, random) => {
    form.preamble = random.pick([
      '\r\n',
      'junk',
      '--',
      `${'x'.repeat(5000)}\r\n`,
      '--other\r\n\r\n',
      '\r\n\r\n',
    ])
    return shown(form.preamble)
  },
  epilogue: (form, random) => {
    form.end += random.pick([
      '\r\n',
      'junk',
      'x'.repeat(5000),
      `\r\n--${BOUNDARY}\r\n`,
      `--${BOUNDARY}--\r\n`,
    ])
    return undefined
  },
  option: (form, random) => {
    const [name, value] = option(random)
    form.parts.splice(random.below(2), 0, field(name, value))
    return shown(`${name}=${value}`)
  },
}

/** Of these the photo is hardly ever taken. */
const FAULTS: Readonly<Record<string, Twist>> = {
  'unknown field': (form, random) => {
    const name = fieldName(random)
    form.parts.splice(random.below(2), 0, field(name, 'x'))
    return shown(name)
  },
  'file in an unknown field': (form, random) => {
    const name = fieldName(random)
    imageOf(form).headers[0] = disposition(name, 'x.png')
    return shown(name)
  },
  'option twice': (form) => {
    form.parts.push(field('owner', 'a'), field('owner', 'b'))
    return undefined
  },
  'long field': (form, random) => {
    form.parts.unshift(field('owner', 'x'.repeat(random.pick([1001, 100_000]))))
    return undefined
  },
  'many tags': (form, random) => {
    const count = random.pick([20, 21, 200])
    for (let number = 0; number < count; number += 1) form.parts.push(field('tag', `t${number}=1`))
    return String(count)
  },
  'several files': (form, random) => {
    const copy = { ...imageOf(form), headers: [disposition(random.pick(['image', 'image2']), 'second.png')] }
    form.parts.push(...Array.from({ length: 1 + random.below(4) }, () => copy))
    return undefined
  },
  'no file': (form) => {
    form.parts = [field('owner', 'me')]
    return undefined
  },
  'no parts': (form) => {
    form.parts = []
    return undefined
  },
  'text in the place of the file': (form) => {
    imageOf(form).headers = ['Content-Disposition: form-data; name="image"']
    return undefined
  },
  'part without a name': (form) => {
    imageOf(form).headers[0] = 'Content-Disposition: form-data; filename="x.png"'
    return undefined
  },
  'part without headers': (form) => {
    imageOf(form).headers = []
    return undefined
  },
  'broken part header': (form, random) => {
    const line = random.pick([
      'Content-Disposition',
      ': form-data; name="image"',
      'Content-Disposition: attachment; name="image"; filename="x"',
      'Content-Disposition: form-data; name="image; filename="x',
      'Content-Disposition: form-data; name="image"; name="__proto__"; filename="x"; filename="y"',
      'Content-Disposition: form-data; name=image; filename=',
      '__proto__: x',
      '\0: \0',
      'Content Disposition : form-data',
    ])
    imageOf(form).headers[0] = line
    return shown(line)
  },
  'long part header': (form, random) => {
    imageOf(form).headers.push(`X-Long: ${'x'.repeat(random.pick([5000, 20_000, 200_000]))}`)
    return undefined
  },
  'many part headers': (form, random) => {
    const count = random.pick([49, 51, 3000])
    imageOf(form).headers.push(...Array.from({ length: count }, (_, number) => `X-${number}: x`))
    return String(count)
  },
  'nested form': (form) => {
    const inner = encode({ ...form, boundary: 'inner', preamble: '', end: '--\r\n' })
    const headers = [disposition('image', 'x.png'), 'Content-Type: multipart/mixed; boundary=inner']
    form.parts = [{ headers, body: inner }]
    return undefined
  },
  'another boundary': (form, random) => {
    const boundary = random.pick(['other', BOUNDARY.slice(0, -1), `${BOUNDARY}x`, '-', 'x'.repeat(500)])
    form.type = `multipart/form-data; boundary=${boundary}`
    return shown(boundary)
  },
  'odd form type': (form, random) => {
    form.type = random.pick([
      'multipart/form-data',
      'multipart/form-data; boundary=',
      'multipart/form-data; boundary=""',
      `multipart/form-data; boundary=a; boundary=${BOUNDARY}`,
      `multipart/form-data; charset=utf-16; boundary="${BOUNDARY}"`,
      `multipart/form-data; boundary="${BOUNDARY}`,
      `multipart/mixed; boundary=${BOUNDARY}`,
      `multipart/form-data, multipart/form-data; boundary=${BOUNDARY}`,
      `MULTIPART/FORM-DATA; BOUNDARY=${BOUNDARY}`,
    ])
    return shown(form.type)
  },
  'without its end': (form, random) => {
    form.end = random.pick(['', '-', '\r\n'])
    return shown(form.end)
  },
  'boundary within the photo': (form, random) => {
    const image = imageOf(form)
    const at = random.below(image.body.length + 1)
    const line = Buffer.from(`\r\n--${BOUNDARY}${random.pick(['\r\n', '--\r\n', '', '\n', '-'])}`)
    image.body = Buffer.concat([image.body.subarray(0, at), line, image.body.subarray(at)])
    return undefined
  },
}

const MANY_PARTS = 10_000

/** A form with the picture, in most cases with something odd or wrong. */
export function hostileForm(picture: Picture, random: Random): FormBody {
  const form: Form = {
    boundary: BOUNDARY,
    type: `multipart/form-data; boundary=${BOUNDARY}`,
    parts: [{ headers: [disposition('image', 'x.png'), 'Content-Type: image/png'], body: picture.bytes }],
    preamble: '',
    end: '--\r\n',
  }
  const twists: string[] = []
  for (let count = random.below(3); count > 0; count -= 1) twists.push(twist(form, ODDITIES, random))
  if (random.chance(0.55)) twists.push(twist(form, FAULTS, random))
  if (random.chance(0.002)) twists.push(withManyParts(form, random))
  return { type: form.type, body: encode(form), twists }
}

function twist(form: Form, twists: Readonly<Record<string, Twist>>, random: Random): string {
  const name = random.pick(Object.keys(twists))
  const more = twists[name]?.(form, random)
  return more === undefined ? name : `${name} ${more}`
}

function withManyParts(form: Form, random: Random): string {
  const part = random.pick([
    field('tag', ''),
    field('x', ''),
    { headers: [], body: Buffer.alloc(0) },
    { headers: [disposition('image', 'x')], body: Buffer.from('x') },
  ])
  form.parts.push(...Array.from({ length: MANY_PARTS }, () => part))
  return `${MANY_PARTS} parts`
}

/** The part of the photo, wherever twists have moved it. */
function imageOf(form: Form): Part {
  const image = form.parts.find(({ headers }) => headers[0]?.includes('filename')) ?? form.parts.at(-1)
  if (image) return image
  const part: Part = { headers: [], body: Buffer.alloc(0) }
  form.parts.push(part)
  return part
}

function field(name: string, value: string, ...headers: string[]): Part {
  return {
    headers: [`Content-Disposition: form-data; name="${name}"`, ...headers],
    body: Buffer.from(value),
  }
}

function disposition(name: string, file: string): string {
  return `Content-Disposition: form-data; name="${name}"; filename="${file}"`
}

function encode({ boundary, parts, preamble, end }: Form): Buffer {
  const pieces = parts.flatMap(({ headers, body }) => {
    const lines = [`--${boundary}`, ...headers, '', ''].join('\r\n')
    return [Buffer.from(lines), body, Buffer.from('\r\n')]
  })
  return Buffer.concat([Buffer.from(preamble), ...pieces, Buffer.from(`--${boundary}${end}`)])
}
