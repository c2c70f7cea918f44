/** Pictures whose headers claim another width and height than they have. */
import { crc32 } from 'node:zlib'
import type { Random } from '../random.ts'

/** The largest that the pixel limit still takes are among them: these reach the decoders. */
const SIZES = [0, 1, -1, 2, 255, 1999, 2000, 30_000, 65_535, 65_536, 2 ** 31 - 1, -(2 ** 31)]

interface Format {
  isMine(bytes: Buffer): boolean
  claim(bytes: Buffer, width: number, height: number): void
}

const FORMATS: readonly Format[] = [
  { isMine: (bytes) => has(bytes, 0, '\x89PNG'), claim: claimPng },
  {
    isMine: (bytes) => has(bytes, 0, 'GIF8'),
    claim: (bytes, width, height) => {
      put(bytes, 6, 2, width, 'little')
      put(bytes, 8, 2, height, 'little')
    },
  },
  {
    isMine: (bytes) => has(bytes, 0, 'BM'),
    claim: (bytes, width, height) => {
      put(bytes, 18, 4, width, 'little')
      put(bytes, 22, 4, height, 'little')
    },
  },
  { isMine: (bytes) => has(bytes, 0, '\xff\xd8'), claim: claimJpeg },
  { isMine: (bytes) => has(bytes, 8, 'WEBP'), claim: claimWebp },
  { isMine: (bytes) => has(bytes, 0, 'II*\0'), claim: claimTiff },
  {
    isMine: (bytes) => has(bytes, 4, 'ftyp'),
    claim: (bytes, width, height) => {
      const box = bytes.indexOf('ispe', 0, 'latin1')
      if (box === -1) return
      put(bytes, box + 8, 4, width, 'big')
      put(bytes, box + 12, 4, height, 'big')
    },
  },
]

/** The same picture, claiming a size that is huge, zero, negative or just wrong; where it has no header, the same. */
export function withForgedSize(bytes: Buffer, random: Random): Buffer {
  const forged = Buffer.from(bytes)
  const width = random.pick(SIZES)
  const height = random.chance(0.5) ? width : random.pick(SIZES)
  FORMATS.find((format) => format.isMine(forged))?.claim(forged, width, height)
  return forged
}

/** With the checksum made right: a decoder that looks at it would otherwise look no further. */
function claimPng(bytes: Buffer, width: number, height: number): void {
  put(bytes, 16, 4, width, 'big')
  put(bytes, 20, 4, height, 'big')
  put(bytes, 29, 4, crc32(bytes.subarray(12, 29)), 'big')
}

function claimJpeg(bytes: Buffer, width: number, height: number): void {
  for (const marker of ['\xff\xc0', '\xff\xc2']) {
    const frame = bytes.indexOf(marker, 2, 'latin1')
    if (frame === -1) continue
    put(bytes, frame + 5, 2, height, 'big')
    put(bytes, frame + 7, 2, width, 'big')
    return
  }
}

function claimWebp(bytes: Buffer, width: number, height: number): void {
  if (has(bytes, 12, 'VP8X')) {
    put(bytes, 24, 3, width - 1, 'little')
    put(bytes, 27, 3, height - 1, 'little')
  } else if (has(bytes, 12, 'VP8L')) {
    // 14 bits each.
    put(bytes, 21, 4, ((width - 1) & 0x3fff) | (((height - 1) & 0x3fff) << 14), 'little')
  } else {
    put(bytes, 26, 2, width, 'little')
    put(bytes, 28, 2, height, 'little')
  }
}

/** In the first directory, as a LONG each. */
function claimTiff(bytes: Buffer, width: number, height: number): void {
  if (bytes.length < 10) return
  const directory = bytes.readUInt32LE(4)
  if (directory + 2 > bytes.length) return
  for (let entry = 0; entry < bytes.readUInt16LE(directory); entry += 1) {
    const at = directory + 2 + entry * 12
    if (at + 12 > bytes.length) return
    const tag = bytes.readUInt16LE(at)
    if (tag !== 256 && tag !== 257) continue
    put(bytes, at + 2, 2, 4, 'little')
    put(bytes, at + 8, 4, tag === 256 ? width : height, 'little')
  }
}

function has(bytes: Buffer, at: number, text: string): boolean {
  return bytes.subarray(at, at + text.length).toString('latin1') === text
}

/** Writes the low bytes of a number; nothing where the picture is too short for it. */
function put(bytes: Buffer, at: number, length: number, value: number, order: 'big' | 'little'): void {
  if (at + length > bytes.length) return
  for (let byte = 0; byte < length; byte += 1) {
    const place = order === 'little' ? byte : length - 1 - byte
    bytes[at + place] = Math.floor(value / 2 ** (8 * byte)) & 255
  }
}
