/** Damages the bytes of a picture, at random. */
import type { Random } from '../random.ts'
import { withForgedSize } from './forged-sizes.ts'
import { NO_PICTURES, type Picture } from './pictures.ts'

type Mutation = (bytes: Buffer, random: Random) => Buffer

const MAGICS = [
  '\x89PNG\r\n\x1a\n',
  '\xff\xd8\xff\xe0',
  'GIF89a',
  'BM',
  'RIFF\0\0\0\0WEBPVP8 ',
  'II*\0',
  'MM\0*',
]

const MUTATIONS: Readonly<Record<string, Mutation>> = {
  flipped: (bytes, random) => flipped(bytes, random, bytes.length),
  'flipped at its start': (bytes, random) => flipped(bytes, random, Math.min(bytes.length, 200)),
  cut: (bytes, random) => bytes.subarray(0, random.below(bytes.length + 1)),
  'cut at its start': (bytes, random) => bytes.subarray(random.below(bytes.length + 1)),
  'with zeros': (bytes, random) => {
    const [from, to] = stretch(bytes, random)
    return Buffer.from(bytes).fill(0, from, to)
  },
  'with a repeat': (bytes, random) => {
    const [from, to] = stretch(bytes, random)
    return Buffer.concat([bytes.subarray(0, to), bytes.subarray(from, to), bytes.subarray(to)])
  },
  'without a stretch': (bytes, random) => {
    const [from, to] = stretch(bytes, random)
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)])
  },
  'with junk behind': (bytes, random) => Buffer.concat([bytes, noise(random, 1 + random.below(20_000))]),
  'forged size': withForgedSize,
  'wrong magic': (bytes, random) => {
    const magic = Buffer.from(random.pick(MAGICS), 'latin1')
    return Buffer.concat([magic, bytes.subarray(magic.length)])
  },
}

/** One of the pictures, most often damaged, and what was done to it. */
export function mutated(pictures: readonly Picture[], random: Random): Picture {
  const base = random.pick(random.chance(0.1) ? NO_PICTURES : pictures)
  const names = random.chance(0.1) ? [] : mutationNames(random)
  const bytes = names.reduce((so, name) => MUTATIONS[name]?.(so, random) ?? so, base.bytes)
  return { name: [base.name, ...names].join(', '), bytes }
}

export function noise(random: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random.below(256)))
}

function mutationNames(random: Random): string[] {
  return Array.from({ length: 1 + random.below(3) }, () => random.pick(Object.keys(MUTATIONS)))
}

function flipped(bytes: Buffer, random: Random, below: number): Buffer {
  const result = Buffer.from(bytes)
  for (let count = 1 + random.below(20); count > 0 && below > 0; count -= 1) {
    result[random.below(below)] = random.below(256)
  }
  return result
}

function stretch(bytes: Buffer, random: Random): [from: number, to: number] {
  const from = random.below(bytes.length + 1)
  return [from, Math.min(bytes.length, from + 1 + random.below(2000))]
}
