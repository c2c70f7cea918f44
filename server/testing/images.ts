/** Files that no ordinary program writes: headers that claim anything, and photos with odd insides. */
import { crc32 } from 'node:zlib'

/** The first bytes of a PNG, valid up to the end of its header. */
export function pngHeader(width: number, height: number): Buffer {
  const header = Buffer.alloc(33)
  header.write('89504e470d0a1a0a', 0, 'hex')
  header.writeUInt32BE(13, 8)
  header.write('IHDR', 12, 'latin1')
  header.writeUInt32BE(width, 16)
  header.writeUInt32BE(height, 20)
  // 8 bits a channel, RGB.
  header.set([8, 2, 0, 0, 0], 24)
  header.writeUInt32BE(crc32(header.subarray(12, 29)), 29)
  return header
}

/** The header of a BMP with 24 bits a pixel. */
export function bmpHeader(width: number, height: number): Buffer {
  const header = Buffer.alloc(54)
  header.write('BM', 0, 'latin1')
  header.writeUInt32LE(54, 10)
  header.writeUInt32LE(40, 14)
  header.writeInt32LE(width, 18)
  header.writeInt32LE(height, 22)
  header.writeUInt16LE(1, 26)
  header.writeUInt16LE(24, 28)
  return header
}

/** A BMP of one grey. */
export function greyBmp(width: number, height: number): Buffer {
  const stride = Math.ceil((width * 3) / 4) * 4
  return Buffer.concat([bmpHeader(width, height), Buffer.alloc(stride * height, 0x80)])
}

/** A GIF without pixels. */
export function gif(width: number, height: number): Buffer {
  const size = [width & 255, width >> 8, height & 255, height >> 8]
  const start = [...Buffer.from('GIF89a'), ...size, 0x80, 0, 0, 0, 0, 0, 255, 255, 255]
  return Buffer.from([...start, 0x2c, 0, 0, 0, 0, ...size, 0, 2, 2, 0x44, 1, 0, 0x3b])
}

/** A TIFF of one grey whose directory comes after this many bytes of pixels. */
export function tiffWithDirectoryAtEnd(width: number, height: number): Buffer {
  const pixels = Buffer.alloc(width * height, 0x80)
  const entries: ReadonlyArray<readonly [tag: number, value: number]> = [
    [256, width],
    [257, height],
    [258, 8],
    [259, 1],
    [262, 1],
    [273, 8],
    [277, 1],
    [278, height],
    [279, pixels.length],
  ]
  const start = Buffer.from([0x49, 0x49, 42, 0, 0, 0, 0, 0])
  start.writeUInt32LE(8 + pixels.length, 4)
  const directory = Buffer.alloc(2 + entries.length * 12 + 4)
  directory.writeUInt16LE(entries.length, 0)
  entries.forEach(([tag, value], at) => {
    directory.writeUInt16LE(tag, 2 + at * 12)
    // A LONG.
    directory.writeUInt16LE(4, 4 + at * 12)
    directory.writeUInt32LE(1, 6 + at * 12)
    directory.writeUInt32LE(value, 10 + at * 12)
  })
  return Buffer.concat([start, pixels, directory])
}

/** The same JPEG with this many bytes of application data, e.g. a colour profile, before its dimensions. */
export function withSegments(jpeg: Uint8Array, bytes: number): Buffer {
  const segments: Buffer[] = []
  for (let left = bytes; left > 0; left -= 65_000) {
    const length = Math.min(left, 65_000)
    const segment = Buffer.alloc(2 + length)
    segment.set([0xff, 0xe2])
    segment.writeUInt16BE(length, 2)
    segments.push(segment)
  }
  return Buffer.concat([jpeg.subarray(0, 2), ...segments, jpeg.subarray(2)])
}

/** The same AVIF, claiming another size. */
export function withAvifSize(avif: Uint8Array, width: number, height: number): Buffer {
  const claimed = Buffer.from(avif)
  const box = claimed.indexOf('ispe', 0, 'latin1')
  claimed.writeUInt32BE(width, box + 8)
  claimed.writeUInt32BE(height, box + 12)
  return claimed
}

/** The first box of an iPhone's photo. */
export const HEIC = Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1')

export const SVG = Buffer.from(
  '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>',
)
