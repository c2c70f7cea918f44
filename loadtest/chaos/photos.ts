/** Photos to submit: tiny ones, each with bytes of its own, or real ones in turn. */
import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { greyBmp } from '../../server/testing/images.ts'
import { hasTestData, SAMPLES_DIR, testPhotos } from '../../server/testing/test-data.ts'

export interface Photo {
  readonly name: string
  readonly bytes: Uint8Array
}

/** Makes the photo of each number. */
export type PhotoSource = (number: number) => Photo

const SIDE = 8
const BMP_HEADER_BYTES = 54

/** 246 bytes, and no two alike. */
export const tinyPhoto: PhotoSource = (number) => {
  const bytes = greyBmp(SIDE, SIDE)
  bytes.writeUInt32LE(number, BMP_HEADER_BYTES)
  return { name: `photo-${number}.bmp`, bytes }
}

/** Photos of the test data, or the sample pictures of the project where there are none: so many, in turn. */
export async function realPhotos(number: number): Promise<PhotoSource> {
  const samples = (await readdir(SAMPLES_DIR)).filter((name) => name.endsWith('.png'))
  const paths = hasTestData()
    ? (await testPhotos()).map(({ path }) => path)
    : samples.map((name) => join(SAMPLES_DIR, name))
  const photos = await Promise.all(
    paths.slice(0, number).map(async (path) => ({ name: basename(path), bytes: await readFile(path) })),
  )
  return (at) => {
    const photo = photos[at % photos.length]
    if (!photo) throw new Error('There are no photos')
    return photo
  }
}
