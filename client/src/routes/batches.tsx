/** The list of all batches. */
import { BatchList } from '../components/batch/batch-list.tsx'
import { FreshnessNote } from '../components/shell/freshness-note.tsx'
import { useTitle } from '../components/shell/use-title.ts'
import { text } from '../text/index.ts'

/** The page at `/batches`. */
export function Component() {
  const { heading } = text.batches
  useTitle(heading)
  return (
    <>
      <div className="flex h-9 items-center gap-4">
        <h1 className="text-lg font-semibold">{heading}</h1>
        <FreshnessNote />
      </div>
      <BatchList />
    </>
  )
}
