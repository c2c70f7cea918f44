/** A job's photo in full, or the reason why it cannot be shown. */
import type { Job } from '@argus/shared'
import { useState } from 'react'
import { text } from '../text.ts'

/** No browser but Safari shows these. */
const RARELY_SHOWN: readonly Job['image']['type'][] = ['image/tiff']

export function Photo({ job: { fileName, image } }: { job: Job }) {
  const [broken, setBroken] = useState(false)
  const { details } = text
  return (
    <div className="flex h-72 items-center justify-center overflow-hidden rounded-md bg-sunken">
      {broken ? (
        <p className="px-6 text-center text-ink-muted">
          {RARELY_SHOWN.includes(image.type)
            ? details.noPreview(image.type.replace('image/', '').toUpperCase())
            : details.photoGone}
        </p>
      ) : (
        <img
          src={image.url}
          alt={details.photoOf(fileName)}
          className="size-full object-contain"
          onError={() => setBroken(true)}
        />
      )}
    </div>
  )
}
