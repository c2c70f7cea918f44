/** How many pixels a photo has, as its header says, without decoding it: to tell before it is sent that it is too large. */
import type { ImageType } from '@argus/shared/vocabulary'

export interface PhotoSize {
  readonly type: ImageType
  readonly width: number
  readonly height: number
}

/** Where all formats but JPEG have their dimensions. */
const HEAD_BYTES = 4_096
/** The longest chain of JPEG segments that is followed, at up to 64 KB each. */
const MAX_SEGMENTS = 1_000

/** @returns null where it cannot be told from the header; the master judges then */
export async function readPhotoSize(photo: Blob): Promise<PhotoSize | null> {
  const head = new DataView(await photo.slice(0, HEAD_BYTES).arrayBuffer())
  if (head.byteLength < 32) return null
  if (head.getUint16(0) === 0xffd8) return jpegSize(photo)
  if (word(head, 0) === '\x89PNG') {
    return { type: 'image/png', width: head.getUint32(16), height: head.getUint32(20) }
  }
  if (word(head, 0) === 'GIF8') {
    return { type: 'image/gif', width: head.getUint16(6, true), height: head.getUint16(8, true) }
  }
  if (word(head, 0).startsWith('BM')) {
    // Lines from the top are said by a negative height.
    return {
      type: 'image/bmp',
      width: Math.abs(head.getInt32(18, true)),
      height: Math.abs(head.getInt32(22, true)),
    }
  }
  if (word(head, 0) === 'RIFF' && word(head, 8) === 'WEBP') return webpSize(head)
  if (word(head, 4) === 'ftyp' && word(head, 8).startsWith('avi')) return avifSize(head)
  return null
}

async function jpegSize(photo: Blob): Promise<PhotoSize | null> {
  let position = 2
  for (let count = 0; count < MAX_SEGMENTS; count += 1) {
    // FF, marker, length (2), and of a frame header: precision, height (2), width (2).
    const segment = new DataView(await photo.slice(position, position + 9).arrayBuffer())
    if (segment.byteLength < 9 || segment.getUint8(0) !== 0xff) return null
    const marker = segment.getUint8(1)
    // SOF0 to SOF15, among which are DHT, JPG and DAC.
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      return { type: 'image/jpeg', height: segment.getUint16(5), width: segment.getUint16(7) }
    }
    position += 2 + segment.getUint16(2)
  }
  return null
}

function webpSize(head: DataView): PhotoSize | null {
  const type = 'image/webp'
  const chunk = word(head, 12)
  if (chunk === 'VP8X') {
    const oneLess = (at: number) => head.getUint16(at, true) | (head.getUint8(at + 2) << 16)
    return { type, width: oneLess(24) + 1, height: oneLess(27) + 1 }
  }
  if (chunk === 'VP8L') {
    const bits = head.getUint32(21, true)
    return { type, width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 }
  }
  if (chunk !== 'VP8 ') return null
  return { type, width: head.getUint16(26, true) & 0x3fff, height: head.getUint16(28, true) & 0x3fff }
}

/** The largest picture in it: a thumbnail or the tile of a grid may come first. */
function avifSize(head: DataView): PhotoSize | null {
  let largest: PhotoSize | null = null
  for (let at = 16; at + 16 <= head.byteLength; at += 1) {
    if (head.getUint8(at) !== 0x69 || word(head, at) !== 'ispe') continue
    const [width, height] = [head.getUint32(at + 8), head.getUint32(at + 12)]
    if (largest === null || width * height > largest.width * largest.height) {
      largest = { type: 'image/avif', width, height }
    }
  }
  return largest
}

function word(head: DataView, at: number): string {
  return String.fromCharCode(...[0, 1, 2, 3].map((offset) => head.getUint8(at + offset)))
}
