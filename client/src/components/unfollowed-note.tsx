/** Warns about an opened job that may have gone on without the board being told: newer ones pushed it off. */
import type { Job } from '@argus/shared'
import { RotateCw } from 'lucide-react'
import { useBoard } from '../stores/board.ts'
import { readOpened } from '../stores/opened.ts'
import { text } from '../text.ts'
import { IconButton } from './icon-button.tsx'

export function UnfollowedNote({ job }: { job: Job }) {
  const followed = useBoard(({ board }) => board?.jobs.some(({ id }) => id === job.id))
  // A job that has ended changes no more.
  if (followed || job.endedAt !== null) return null
  return (
    <div className="flex items-center gap-3 rounded-md bg-warn-soft py-2 pr-2 pl-4">
      <p className="flex-1">{text.details.unfollowed}</p>
      <IconButton icon={RotateCw} label={text.details.lookAgain} onClick={() => void readOpened()} />
    </div>
  )
}
