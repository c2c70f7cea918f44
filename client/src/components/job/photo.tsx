/** A job's photo in full, or the reason why it cannot be shown. A click opens the file itself. */
import type { Job } from '@argus/shared'
import { useState } from 'react'
import { useBoard } from '../../stores/board.ts'
import { text } from '../../text/index.ts'

/** No browser but Safari shows these. */
const RARELY_SHOWN: readonly Job['image']['type'][] = ['image/tiff']

export function Photo({ job: { fileName, image } }: { job: Job }) {
  const since = useBoard(({ connection }) => connection.since)
  /** The state of the connection in which it could not be loaded: in a later one it may be. */
  const [brokenIn, setBrokenIn] = useState<number>()
  const { details } = text
  return (
    <a
      href={image.url}
      target="_blank"
      rel="noreferrer"
      title={details.fullSize}
      className="flex h-72 items-center justify-center overflow-hidden rounded-lg border border-line bg-sunken sm:h-96"
    >
      {brokenIn === since ? (
        <span className="px-6 text-center text-ink-muted">
          {RARELY_SHOWN.includes(image.type)
            ? details.noPreview(image.type.replace('image/', '').toUpperCase())
            : details.photoGone}
        </span>
      ) : (
        <img
          src={image.url}
          alt={details.photoOf(fileName)}
          className="size-full object-contain"
          onError={() => setBrokenIn(since)}
        />
      )}
    </a>
  )
}
