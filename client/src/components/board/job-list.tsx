/** The jobs of the list, or why there are none. */
import { useStale } from '../../stores/board.ts'
import { useJobList } from '../../stores/job-list.ts'
import { rowCount } from '../../stores/job-list-state.ts'
import { EmptyState } from './empty-state.tsx'
import { JobTable } from './job-table.tsx'
import { NoMatch } from './no-match.tsx'
import type { QueryInAddress } from './use-query.ts'

interface Props {
  address: QueryInAddress
  /** Nothing was submitted yet. */
  isEmpty: boolean
}

export function JobList({ address, isEmpty }: Props) {
  const list = useJobList((store) => store.list)
  const isOld = useJobList((store) => store.isOld)
  const stale = useStale()
  if (isEmpty) return <EmptyState />
  const hasNone = list !== null && !isOld && rowCount(list) === 0 && !list.hasMore
  return (
    <div className={`min-w-0 ${stale ? 'stale' : ''}`}>
      {hasNone ? <NoMatch {...address} /> : <JobTable list={list} />}
    </div>
  )
}
