/** What was recognised in the photos of a batch, the most frequent first. */
import type { BatchClasses as Classes } from '@argus/shared'
import { Link } from 'react-router'
import { formatCount } from '../../format.ts'
import { text } from '../../text/index.ts'
import { Card } from '../ui/card.tsx'
import { jobsOf } from './board-links.ts'

export function BatchClasses({
  batch,
  classes,
  others,
}: Pick<Classes, 'classes' | 'others'> & { batch: string }) {
  const words = text.batch
  const most = Math.max(1, ...classes.map(({ jobs }) => jobs))
  return (
    <Card heading={words.classes}>
      {classes.length === 0 ? (
        <p className="text-ink-muted">{words.noClasses}</p>
      ) : (
        <table className="w-full table-fixed">
          <thead className="text-left text-xs text-ink-muted">
            <tr className="h-6">
              <th scope="col" className="w-2/5 font-medium">
                {words.classColumns.label}
              </th>
              <th scope="col" className="font-medium">
                <span className="sr-only">{words.classColumns.share}</span>
              </th>
              <th scope="col" className="w-16 text-right font-medium">
                {words.classColumns.jobs}
              </th>
            </tr>
          </thead>
          <tbody>
            {classes.map(({ index, label, jobs }) => (
              <tr key={index} data-class={index} className="h-7">
                <th scope="row" className="truncate pr-3 text-left font-normal">
                  <Link
                    to={jobsOf(batch, label)}
                    title={words.showClass(label)}
                    className="rounded-sm py-1 text-accent underline-offset-4 hover:underline"
                  >
                    {label}
                  </Link>
                </th>
                <td>
                  <div aria-hidden className="h-2 overflow-hidden rounded-full bg-sunken">
                    <div
                      className="h-full min-w-0.5 rounded-full bg-accent"
                      style={{ width: `${(jobs / most) * 100}%` }}
                    />
                  </div>
                </td>
                <td className="text-right">{formatCount(jobs)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {others > 0 && <p className="mt-2 text-ink-muted">{words.others(others)}</p>}
    </Card>
  )
}
