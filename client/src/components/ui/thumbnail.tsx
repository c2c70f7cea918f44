/** A job's small picture, or a neutral tile of the same size until there is one. */
import type { JobRow } from '@argus/shared'
import { Image, ImageOff } from 'lucide-react'
import { useState } from 'react'
import { useBoard } from '../../stores/board.ts'

interface Props {
  job: Pick<JobRow, 'thumbnailUrl' | 'endedAt'>
  /** Its size above all. */
  className: string
}

export function Thumbnail({ job, className }: Props) {
  const since = useBoard(({ connection }) => connection.since)
  /** The state of the connection in which it could not be loaded: in a later one it may be. */
  const [brokenIn, setBrokenIn] = useState<number>()
  const frame = `shrink-0 rounded-md bg-sunken ${className}`
  if (job.thumbnailUrl !== null && brokenIn !== since) {
    return (
      <img
        src={job.thumbnailUrl}
        alt=""
        width="48"
        height="48"
        loading="lazy"
        onError={() => setBrokenIn(since)}
        className={`${frame} object-cover`}
      />
    )
  }
  // No picture is to be awaited once the job has ended.
  const Icon = job.endedAt === null ? Image : ImageOff
  return (
    <span aria-hidden className={`${frame} flex items-center justify-center text-line-strong`}>
      <Icon size={18} />
    </span>
  )
}
