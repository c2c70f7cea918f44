/** How much of a batch was recognised rightly, where the truth is known; else how to make it known. */
import type { Batch, BatchClasses } from '@argus/shared'
import { ArrowRight } from 'lucide-react'
import { Link } from 'react-router'
import { formatCount, formatPercent } from '../../format.ts'
import { text } from '../../text/index.ts'
import { Card } from '../ui/card.tsx'
import { Command } from '../ui/command.tsx'
import { jobsOf } from './board-links.ts'

interface Props {
  batch: Batch
  confusions: BatchClasses['confusions']
}

export function BatchAccuracy({ batch: { id, accuracy }, confusions }: Props) {
  const words = text.batch
  if (accuracy === null) {
    return (
      <Card heading={words.accuracy}>
        <div className="grid gap-3 text-ink-muted">
          <p>{words.noTruth}</p>
          <p>{words.noTruthHow}</p>
          <Command command={words.truthCommand} />
        </div>
      </Card>
    )
  }
  return (
    <Card
      heading={words.accuracy}
      aside={<p className="text-right text-xs text-ink-muted">{words.ofKnown(accuracy.jobs)}</p>}
    >
      <dl className="grid grid-cols-2 gap-4">
        <Figure name={words.top1} share={accuracy.top1} />
        <Figure name={words.top5} share={accuracy.top5} />
      </dl>
      <h3 className="mt-5 mb-2 font-medium">{words.confusions}</h3>
      {confusions.length === 0 ? (
        <p className="text-ink-muted">{words.noConfusions}</p>
      ) : (
        <Confusions batch={id} confusions={confusions} />
      )}
    </Card>
  )
}

function Figure({ name, share }: { name: string; share: number }) {
  return (
    <div>
      <dt className="text-xs text-ink-muted">{name}</dt>
      <dd className="text-lg font-semibold">{formatPercent(share)}</dd>
      <div aria-hidden className="mt-1 h-1.5 overflow-hidden rounded-full bg-line">
        <div className="h-full rounded-full bg-good" style={{ width: `${share * 100}%` }} />
      </div>
    </div>
  )
}

function Confusions({ batch, confusions }: { batch: string; confusions: BatchClasses['confusions'] }) {
  const { confusionColumns: columns, showClass } = text.batch
  return (
    <table className="w-full table-fixed">
      <thead className="text-left text-xs text-ink-muted">
        <tr className="h-6">
          <th scope="col" className="font-medium">
            {columns.truth}
          </th>
          <th scope="col" className="pl-5 font-medium">
            {columns.taken}
          </th>
          <th scope="col" className="w-16 text-right font-medium">
            {columns.jobs}
          </th>
        </tr>
      </thead>
      <tbody>
        {confusions.map(({ truth, taken, jobs }) => (
          <tr
            key={`${truth.index} ${taken.index}`}
            data-confusion={`${truth.index} ${taken.index}`}
            className="h-7"
          >
            <td title={truth.label} className="truncate pr-2">
              {truth.label}
            </td>
            <td className="truncate">
              <span className="flex items-center gap-1">
                <ArrowRight aria-hidden size={16} className="shrink-0 text-ink-muted" />
                <Link
                  to={jobsOf(batch, taken.label)}
                  title={showClass(taken.label)}
                  className="truncate rounded-sm py-1 text-accent underline-offset-4 hover:underline"
                >
                  {taken.label}
                </Link>
              </span>
            </td>
            <td className="text-right">{formatCount(jobs)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
