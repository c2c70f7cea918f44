/** The classes that were recognised, best first, each with its probability and what the word means. */
import type { RecognisedClass } from '@argus/shared'
import { formatPercent } from '../format.ts'
import { text } from '../text.ts'
import { ProbabilityBar } from './probability-bar.tsx'

export function ClassBars({ classes }: { classes: RecognisedClass[] }) {
  return (
    <section aria-labelledby="opened-job-classes">
      <h3 id="opened-job-classes" className="mb-2 font-semibold">
        {text.details.recognised}
      </h3>
      <ol className="grid gap-3">
        {classes.map(({ index, label, category, description, probability }) => (
          <li key={index}>
            <p className="flex items-baseline gap-2">
              <span className="font-medium">{label}</span>
              <span className="text-xs text-ink-muted">{category}</span>
              <span className="ml-auto">{formatPercent(probability)}</span>
            </p>
            <ProbabilityBar probability={probability} />
            <p className="text-xs text-ink-muted">{description}</p>
          </li>
        ))}
      </ol>
    </section>
  )
}
