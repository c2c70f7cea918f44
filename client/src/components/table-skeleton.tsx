/** Rows without content, as high as real ones, until the first snapshot is there. */
import { text } from '../text.ts'
import { Skeleton } from './skeleton.tsx'

const ROWS = [0, 1, 2, 3, 4, 5]

export function TableSkeleton() {
  return (
    <div className="divide-y divide-line overflow-hidden rounded-lg border border-line bg-surface">
      <p className="sr-only">{text.jobs.loading}</p>
      <div className="h-8 bg-sunken max-lg:hidden" />
      {ROWS.map((row) => (
        <div key={row} className="flex h-[5.75rem] items-center gap-3 px-4 lg:h-[4.5rem]">
          <Skeleton className="size-12 rounded-md" />
          <Skeleton className="h-3 w-40 max-w-1/3" />
          <Skeleton className="ml-auto h-3 w-56 max-w-1/3" />
        </div>
      ))}
    </div>
  )
}
