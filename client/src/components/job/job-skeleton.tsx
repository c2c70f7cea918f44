/** As large as a job, until it is known. */
import { text } from '../../text/index.ts'
import { Skeleton } from '../ui/skeleton.tsx'

export function JobSkeleton() {
  return (
    <div aria-busy="true" className="grid gap-4">
      <h1 className="sr-only">{text.details.loading}</h1>
      <div className="flex h-13 items-start justify-between">
        <div className="grid gap-3 pt-1.5">
          <Skeleton className="h-4 w-48" />
          <Skeleton className="h-3 w-72 max-w-full" />
        </div>
        <Skeleton className="h-8 w-56 max-sm:hidden" />
      </div>
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,5fr)_minmax(0,6fr)]">
        <Skeleton className="h-72 rounded-lg sm:h-96" />
        <Skeleton className="h-96 rounded-lg" />
      </div>
    </div>
  )
}
