/** Photos in any number for pictures of full pages: the samples, which are the project's own, each time another way. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { SAMPLES_DIR } from '../../server/testing/test-data.ts'

export interface Photo {
  readonly name: string
  readonly bytes: Buffer
  /** The index of the class that it shows. */
  readonly truth: number
}

/** So many photos; from the ninth on a sample comes again, cut and coloured differently. */
export async function photos(count: number): Promise<Photo[]> {
  const list = await readFile(join(SAMPLES_DIR, 'index.json'), 'utf8')
  const samples: readonly { file: string; classIndex: number }[] = JSON.parse(list)
  return Promise.all(
    Array.from({ length: count }, async (_, at) => {
      const { file = '', classIndex = 0 } = samples[at % samples.length] ?? {}
      const time = Math.floor(at / samples.length)
      const bytes = await vary(join(SAMPLES_DIR, file), time)
      const name = `${file.replace('.png', '')}-${String(time + 1).padStart(2, '0')}.jpg`
      return { name, bytes, truth: classIndex }
    }),
  )
}

/** Every other one mirrored, each closer to its left or right half and in another light. */
async function vary(path: string, time: number): Promise<Buffer> {
  const { width = 0, height = 0 } = await sharp(path).metadata()
  const share = 1 - 0.06 * (time % 6)
  const cut = { width: Math.round(width * share), height: Math.round(height * (1 - 0.04 * (time % 4))) }
  const left = time % 2 === 0 ? 0 : width - cut.width
  return sharp(path)
    .extract({ ...cut, left, top: height - cut.height })
    .flop(time % 2 === 1)
    .modulate({ hue: (time * 17) % 40, brightness: 1 - 0.05 * (time % 5) })
    .flatten({ background: '#ffffff' })
    .jpeg({ quality: 88 })
    .toBuffer()
}

/** Only its begin, as of a copy that was broken off: it is accepted, and cannot be recognised. */
export function broken({ name, bytes, truth }: Photo): Photo {
  return { name, bytes: bytes.subarray(0, bytes.length / 3), truth }
}
