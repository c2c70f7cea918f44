/** Which batch this is, whose, since when, and what can be done with it. */
import type { Batch } from '@argus/shared'
import { Braces, FileSpreadsheet, LayoutList, type LucideIcon } from 'lucide-react'
import { Link } from 'react-router'
import { resultsPath } from '../../api/batches.ts'
import { text } from '../../text/index.ts'
import { Time } from '../ui/time.tsx'
import { BatchActions } from './batch-actions.tsx'
import { jobsOf } from './board-links.ts'
import { nameOf } from './state.ts'
import { StateWord } from './state-word.tsx'

const LINK =
  'inline-flex h-8 items-center gap-1.5 rounded-md px-2.5 font-medium text-accent transition-colors hover:bg-hover'

export function BatchHeader({ batch, isRemoved }: { batch: Batch; isRemoved: boolean }) {
  const { id, owner, createdAt, cancelledAt } = batch
  const words = text.batch
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-1">
      <div className="flex items-start justify-between gap-x-8 gap-y-3 max-sm:flex-col">
        <div className="w-full min-w-0">
          <h1 title={nameOf(batch)} className="truncate text-lg font-semibold">
            {nameOf(batch)}
          </h1>
          <div className="mt-1 flex flex-wrap items-center gap-x-3 gap-y-0.5">
            <span role="status" className="font-medium">
              <StateWord batch={batch} />
            </span>
            {cancelledAt !== null && <Time at={cancelledAt} />}
            <span className="min-w-0 wrap-anywhere text-ink-muted">
              {words.made} <Time at={createdAt} /> {words.by(owner)}
            </span>
          </div>
          {cancelledAt !== null && <p className="mt-1 text-ink-muted">{words.cancelledDetail}</p>}
        </div>
        {!isRemoved && <BatchActions batch={batch} />}
      </div>
      {!isRemoved && (
        <nav aria-label={words.links} className="-mx-2.5 flex flex-wrap">
          <Link to={jobsOf(id)} className={LINK}>
            <LayoutList aria-hidden size={16} />
            {words.showJobs}
          </Link>
          <Download href={resultsPath(id, 'csv')} icon={FileSpreadsheet} words={words.csv} />
          <Download href={resultsPath(id, 'ndjson')} icon={Braces} words={words.ndjson} />
        </nav>
      )}
    </div>
  )
}

function Download({ href, icon: Icon, words }: { href: string; icon: LucideIcon; words: string }) {
  return (
    <a href={href} download className={LINK}>
      <Icon aria-hidden size={16} />
      {words}
    </a>
  )
}
