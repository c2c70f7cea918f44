/** What stands in the place of the charts where there is nothing to draw. */
import { ChartLine } from 'lucide-react'
import { Link } from 'react-router'
import { allJobs, useBoard } from '../../stores/board.ts'
import { text } from '../../text/index.ts'
import type { ActivityWindow } from './windows.ts'

export function Silence({ window }: { window: ActivityWindow }) {
  const { dashboard } = text
  const isNew = useBoard(({ overview }) => overview !== null && allJobs(overview.counts) === 0)
  return (
    <div className="grid justify-items-center gap-3 rounded-lg border border-line bg-surface px-5 py-12 text-center">
      <ChartLine aria-hidden size={32} className="text-accent" />
      <h2 className="text-base font-semibold">{isNew ? dashboard.noneYet : dashboard.silent(window)}</h2>
      <p className="max-w-xl text-balance text-ink-muted">
        {isNew ? dashboard.noneYetDetail : dashboard.silentDetail}
      </p>
      <Link
        to="/submit"
        className="inline-flex h-8 items-center rounded-md border border-line-strong bg-surface px-3 font-medium transition-colors hover:border-accent hover:bg-hover"
      >
        {dashboard.submit}
      </Link>
    </div>
  )
}
