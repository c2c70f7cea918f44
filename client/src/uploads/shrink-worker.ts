/**
 * Makes photos smaller, off the thread that draws the page; one at a time, because a decoded one takes four bytes
 * a pixel.
 */
import type { ShrinkAnswer, ShrinkRequest } from './shrink.ts'

const JPEG_QUALITY = 0.9

let turn: Promise<void> = Promise.resolve()

self.addEventListener('message', ({ data }: MessageEvent<ShrinkRequest>) => {
  turn = turn.then(async () => {
    const answer: ShrinkAnswer = { id: data.id, smaller: await shrink(data).catch(() => null) }
    self.postMessage(answer)
  })
})

/** @returns null where it is as small already */
async function shrink({ photo, shortSide }: ShrinkRequest): Promise<Blob | null> {
  const bitmap = await createImageBitmap(photo, { imageOrientation: 'from-image' })
  try {
    const scale = shortSide / Math.min(bitmap.width, bitmap.height)
    if (scale >= 1) return null
    const blob = await draw(bitmap, Math.round(bitmap.width * scale), Math.round(bitmap.height * scale))
    return blob.size < photo.size ? blob : null
  } finally {
    bitmap.close()
  }
}

async function draw(bitmap: ImageBitmap, width: number, height: number): Promise<Blob> {
  const resized = await createImageBitmap(bitmap, {
    resizeWidth: width,
    resizeHeight: height,
    resizeQuality: 'high',
  })
  const canvas = new OffscreenCanvas(width, height)
  const context = canvas.getContext('2d')
  if (context === null) throw new Error('There is no canvas')
  // A JPEG has no transparency, and the cluster's workers lay photos on white too.
  context.fillStyle = 'white'
  context.fillRect(0, 0, width, height)
  context.drawImage(resized, 0, 0)
  resized.close()
  return canvas.convertToBlob({ type: 'image/jpeg', quality: JPEG_QUALITY })
}
