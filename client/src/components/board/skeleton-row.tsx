/** A row without content, as high as a real one, until that is there. */
import { Skeleton } from '../ui/skeleton.tsx'

export function SkeletonRow() {
  return (
    <tr aria-hidden className="shadow-[inset_0_-1px_0_var(--color-line)] max-lg:block max-lg:h-30 lg:h-14">
      <td colSpan={5} className="px-4 max-lg:block max-lg:h-full">
        <div className="flex h-full items-center gap-3 lg:pl-7">
          <Skeleton className="size-12 shrink-0 rounded-md lg:size-10" />
          <Skeleton className="h-3 w-40 max-w-1/3" />
          <Skeleton className="ml-auto h-3 w-56 max-w-1/3" />
        </div>
      </td>
    </tr>
  )
}
