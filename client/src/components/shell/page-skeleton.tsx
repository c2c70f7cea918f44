/** What stands in the place of a page whose code is on its way. */
import { Skeleton } from '../ui/skeleton.tsx'

export function PageSkeleton() {
  return (
    <div aria-busy="true" className="mx-auto grid w-full max-w-page gap-4 p-6">
      <Skeleton className="h-6 w-48" />
      <Skeleton className="h-40 w-full" />
      <Skeleton className="h-40 w-full" />
    </div>
  )
}
