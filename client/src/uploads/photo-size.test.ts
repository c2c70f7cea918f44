import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { bmpHeader, gif } from '../../../server/testing/images.ts'
import { readPhotoSize } from './photo-size.ts'

const image = sharp({ create: { width: 300, height: 200, channels: 3, background: '#876' } })
const blobOf = (bytes: Uint8Array) => new Blob([new Uint8Array(bytes)])

describe('the size of a photo', () => {
  it.each([
    ['image/jpeg', () => image.clone().jpeg().toBuffer()],
    [
      'image/jpeg',
      () => image.clone().jpeg({ progressive: true }).withMetadata({ orientation: 6 }).toBuffer(),
    ],
    ['image/png', () => image.clone().png().toBuffer()],
    ['image/webp', () => image.clone().webp().toBuffer()],
    ['image/webp', () => image.clone().webp({ lossless: true }).toBuffer()],
    ['image/webp', () => image.clone().webp().withMetadata({ orientation: 6 }).toBuffer()],
    ['image/avif', () => image.clone().avif({ effort: 0 }).toBuffer()],
    ['image/gif', async () => gif(300, 200)],
    ['image/bmp', async () => bmpHeader(300, 200)],
  ])('is in the header of %s', async (type, make) => {
    expect(await readPhotoSize(blobOf(await make()))).toEqual({ type, width: 300, height: 200 })
  })

  it('of a JPEG is behind whatever metadata', async () => {
    const jpeg = await image.clone().jpeg().toBuffer()
    const segment = Buffer.alloc(2 + 60_000, 0xd8)
    segment.writeUInt16BE(0xffe2, 0)
    segment.writeUInt16BE(60_000, 2)
    const long = Buffer.concat([jpeg.subarray(0, 2), segment, segment, segment, jpeg.subarray(2)])
    expect(await readPhotoSize(blobOf(long))).toMatchObject({ width: 300, height: 200 })
  })

  it('is not known of what is cut short, of a TIFF, or of what is no photo', async () => {
    const jpeg = await image.clone().jpeg().toBuffer()
    const tiff = await image.clone().tiff().toBuffer()
    for (const bytes of [jpeg.subarray(0, 40), tiff, Buffer.from('x'.repeat(100)), Buffer.alloc(0)]) {
      expect(await readPhotoSize(blobOf(bytes))).toBeNull()
    }
  })
})
