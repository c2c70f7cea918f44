/** The page of one job. */
import { useParams } from 'react-router'
import { JobPage } from '../components/job/job-page.tsx'
import { idIn } from '../components/ui/id-in.ts'
import { Missing } from '../components/ui/missing.tsx'
import { text } from '../text/index.ts'

/** The page at `/jobs/:id`. */
export function Component() {
  const id = idIn(useParams())
  const { missing, missingDetail, board } = text.details
  // Nothing of another job may be shown as this one's.
  if (id !== null) return <JobPage key={id} id={id} />
  return <Missing heading={missing} detail={missingDetail} to="/" back={board} />
}
