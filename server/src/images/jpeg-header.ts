/**
 * Finds a JPEG's dimensions behind any amount of metadata, reading a few bytes of each segment only: photos with
 * a depth map have megabytes of it, and a parser that takes the whole file could be held up for seconds.
 */
import type { FileHandle } from 'node:fs/promises'

/** The longest chain that is followed; at 64 KB each it covers the largest upload. */
const MAX_SEGMENTS = 1000

/**
 * @param file begins with the JPEG's FF D8
 * @returns pixels, before EXIF orientation; null where the segments are not in order
 */
export async function readJpegSize(file: FileHandle): Promise<{ width: number; height: number } | null> {
  // FF, marker, length (2), and of a frame header: precision, height (2), width (2).
  const segment = Buffer.alloc(9)
  let position = 2
  for (let count = 0; count < MAX_SEGMENTS; count += 1) {
    const { bytesRead } = await file.read(segment, 0, segment.length, position)
    const marker = segment.readUInt8(1)
    if (bytesRead < segment.length || segment.readUInt8(0) !== 0xff) return null
    if (isFrameHeader(marker)) return { height: segment.readUInt16BE(5), width: segment.readUInt16BE(7) }
    position += 2 + segment.readUInt16BE(2)
  }
  return null
}

/** SOF0 to SOF15, among which are three markers of other kinds: DHT, JPG and DAC. */
function isFrameHeader(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
}
