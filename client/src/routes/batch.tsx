/** The page of one batch. */
import { useParams } from 'react-router'
import { BatchPage } from '../components/batch/batch-page.tsx'
import { idIn } from '../components/ui/id-in.ts'
import { Missing } from '../components/ui/missing.tsx'
import { text } from '../text/index.ts'

/** The page at `/batches/:id`. */
export function Component() {
  const id = idIn(useParams())
  const { missing, missingDetail, all } = text.batch
  // Nothing of another batch may be shown as this one's.
  if (id !== null) return <BatchPage key={id} id={id} />
  return <Missing heading={missing} detail={missingDetail} to="/batches" back={all} />
}
