/** The classes that were recognised, best first, each with its probability and what the word means. */
import type { Job, RecognisedClass } from '@argus/shared'
import { formatPercent } from '../../format.ts'
import { text } from '../../text/index.ts'
import { Card } from '../ui/card.tsx'
import { ProbabilityBar } from '../ui/probability-bar.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { Truth } from './truth.tsx'

export function ClassBars({ job }: { job: Job }) {
  const { recognised, nothing } = text.details
  return (
    <Card heading={recognised}>
      {job.result === null ? (
        job.endedAt === null ? (
          <ClassSkeleton />
        ) : (
          <p className="text-ink-muted">{nothing}</p>
        )
      ) : (
        <ol className="grid gap-3">
          {job.result.classes.map((each) => (
            <Class key={each.index} recognised={each} />
          ))}
        </ol>
      )}
      <Truth job={job} />
    </Card>
  )
}

/** As high as the five classes, so that nothing moves when they come. */
function ClassSkeleton() {
  return (
    <>
      <p className="sr-only">{text.details.nothingYet}</p>
      <div className="grid gap-3">
        {[0, 1, 2, 3, 4].map((place) => (
          <div key={place} className="grid h-11 content-center gap-2.5">
            <Skeleton className="h-3 w-40 max-w-1/2" />
            <Skeleton className="h-1 w-full" />
          </div>
        ))}
      </div>
    </>
  )
}

function Class({ recognised }: { recognised: RecognisedClass }) {
  const { label, wordnetId, category, description, probability } = recognised
  return (
    <li data-class={wordnetId}>
      <p className="flex items-baseline gap-2">
        <span className="font-medium">{label}</span>
        <span className="text-xs text-ink-muted">{text.details.category(category, wordnetId)}</span>
        <span className="ml-auto">{formatPercent(probability)}</span>
      </p>
      <ProbabilityBar probability={probability} />
      <p className="text-xs text-ink-muted">{description}</p>
    </li>
  )
}
