/** How many jobs have come to the top of a list that is scrolled away from it; leads there. */
import { MAX_AHEAD } from '@argus/shared/vocabulary'
import { ArrowUp } from 'lucide-react'
import { showNewest, useJobList } from '../../stores/job-list.ts'
import { text } from '../../text/index.ts'

export function NewerPill() {
  const ahead = useJobList(({ list }) => list?.ahead ?? 0)
  const { jobs } = text
  const words = ahead === 0 ? '' : jobs.arrived(Math.min(ahead, MAX_AHEAD - 1), ahead >= MAX_AHEAD)
  return (
    // It lies over the rows and takes no room of its own.
    <div className="pointer-events-none fixed inset-x-0 top-26 z-10 flex justify-center lg:top-25">
      <button
        type="button"
        data-newer={ahead}
        title={jobs.arrivedHint}
        onClick={() => {
          showNewest()
          window.scrollTo({ top: 0, behavior: 'instant' })
        }}
        className={`pointer-events-auto flex h-8 items-center gap-1.5 rounded-full bg-accent pr-4 pl-3 font-medium text-on-accent shadow-raised transition-colors hover:bg-accent-hover ${ahead === 0 ? 'hidden' : ''}`}
      >
        <ArrowUp aria-hidden size={16} />
        {words}
      </button>
    </div>
  )
}
