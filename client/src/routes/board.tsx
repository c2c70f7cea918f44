/** The job board: every job of the cluster, live, and what can be done with them. */
import { ImageUp } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { BulkBar } from '../components/board/bulk-bar.tsx'
import { JobList } from '../components/board/job-list.tsx'
import { KeysDialog } from '../components/board/keys-dialog.tsx'
import { NewerPill } from '../components/board/newer-pill.tsx'
import { StatusFilter } from '../components/board/status-filter.tsx'
import { Toolbar } from '../components/board/toolbar.tsx'
import { useKeys } from '../components/board/use-keys.ts'
import { useQuery } from '../components/board/use-query.ts'
import { FreshnessNote } from '../components/shell/freshness-note.tsx'
import { useTitle } from '../components/shell/use-title.ts'
import { FileButton } from '../components/submit/file-button.tsx'
import { SubmitPanel } from '../components/submit/submit-panel.tsx'
import { allJobs, useBoard, useStale } from '../stores/board.ts'
import { leaveJobs, listJobs } from '../stores/job-list.ts'
import { text } from '../text/index.ts'

/** The page at `/`. */
export function Board() {
  useTitle(text.nav.board)
  const address = useQuery()
  const search = useRef<HTMLInputElement>(null)
  const [showsKeys, setShowsKeys] = useState(false)
  const isEmpty = useBoard(({ overview }) => overview !== null && allJobs(overview.counts) === 0)
  const [wasEmpty, setWasEmpty] = useState(isEmpty)
  if (isEmpty && !wasEmpty) setWasEmpty(true)
  const stale = useStale()
  const { query } = address

  useEffect(() => listJobs({ filter: query.filter, sort: query.sort }), [query])
  useEffect(() => leaveJobs, [])
  useKeys({
    '/': () => {
      search.current?.focus()
      search.current?.select()
    },
    '?': () => setShowsKeys(true),
  })
  return (
    <div data-stale={stale} className="grid min-w-0 gap-4">
      <div className="flex h-9 items-center gap-4">
        <h1 className="text-lg font-semibold">{text.jobs.heading}</h1>
        <div className="ml-auto flex min-w-0 items-center gap-4">
          <FreshnessNote />
          {!wasEmpty && <FileButton icon={ImageUp} label={text.jobs.submit} isMain />}
        </div>
      </div>
      <StatusFilter {...address} />
      {/* Who has just submitted the first photo may want to submit another one: it stays where it was. */}
      {wasEmpty && <SubmitPanel />}
      {!isEmpty && <Toolbar address={address} search={search} onShowKeys={() => setShowsKeys(true)} />}
      <JobList address={address} isEmpty={isEmpty} />
      <NewerPill />
      <BulkBar />
      {showsKeys && <KeysDialog onClose={() => setShowsKeys(false)} />}
    </div>
  )
}
