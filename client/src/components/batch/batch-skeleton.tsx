/** As large as a batch, until it is known. */
import { text } from '../../text/index.ts'
import { Skeleton } from '../ui/skeleton.tsx'

export function BatchSkeleton() {
  return (
    <div aria-busy="true" className="grid gap-4">
      <h1 className="sr-only">{text.batch.loading}</h1>
      <div className="flex h-18 items-start justify-between">
        <div className="grid gap-3 pt-1.5">
          <Skeleton className="h-4 w-48" />
          <Skeleton className="h-3 w-72 max-w-full" />
        </div>
        <Skeleton className="h-8 w-56 max-sm:hidden" />
      </div>
      <Skeleton className="h-40 rounded-lg" />
      <div className="grid gap-4 lg:grid-cols-2">
        <Skeleton className="h-72 rounded-lg" />
        <Skeleton className="h-72 rounded-lg" />
      </div>
    </div>
  )
}
