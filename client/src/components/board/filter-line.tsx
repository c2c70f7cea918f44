/** How many jobs match, and what they have to match: each part can be taken away. */
import { X } from 'lucide-react'
import { formatInstant } from '../../format.ts'
import { useBoard } from '../../stores/board.ts'
import { useJobList } from '../../stores/job-list.ts'
import { text } from '../../text/index.ts'
import { Skeleton } from '../ui/skeleton.tsx'
import { type FilterValue, filterValues, withoutFilters, withoutValue } from './job-query.ts'
import type { QueryInAddress } from './use-query.ts'

export function FilterLine({ params, query, go }: QueryInAddress) {
  const values = filterValues(query.filter)
  // Those of the statuses stand above, pressed.
  const chips = values.filter(({ name }) => name !== 'status')
  const { filters } = text
  return (
    // Its place is there before there is anything to say.
    <div className="flex min-h-7 flex-wrap items-center gap-2">
      <Total isFiltered={values.length > 0} />
      {chips.map((chip) => (
        <button
          key={`${chip.name}=${chip.value}`}
          type="button"
          title={filters.remove(wordsOf(chip))}
          aria-label={filters.remove(wordsOf(chip))}
          onClick={() => go(withoutValue(params, chip))}
          className="flex h-7 max-w-full items-center gap-1.5 rounded-full border border-line-strong bg-surface pr-2 pl-3 text-xs transition-colors hover:border-accent hover:bg-hover"
        >
          <span className="max-w-60 truncate">{wordsOf(chip)}</span>
          <X aria-hidden size={14} className="shrink-0 text-ink-muted" />
        </button>
      ))}
      {values.length > 0 && (
        <button
          type="button"
          onClick={() => go(withoutFilters(params))}
          className="h-7 rounded-md px-2 text-xs font-medium text-accent transition-colors hover:bg-hover"
        >
          {filters.clearAll}
        </button>
      )}
      {query.invalid.length > 0 && (
        <p role="status" className="text-xs font-medium text-warn">
          {filters.invalid(query.invalid.map((name) => filters.names[name]))}
        </p>
      )}
    </div>
  )
}

function Total({ isFiltered }: { isFiltered: boolean }) {
  const total = useJobList(({ list }) => list?.total)
  const isOld = useJobList((store) => store.isOld)
  const isKnown = useBoard((store) => store.overview !== null)
  if (total === undefined || !isKnown) return <Skeleton className="h-3 w-24" />
  return (
    <p data-total={total ?? ''} className={`min-w-24 text-ink-muted ${isOld ? 'opacity-60' : ''}`}>
      {text.jobs.total(total, isFiltered)}
    </p>
  )
}

function wordsOf({ name, value }: FilterValue): string {
  const isTime = name.endsWith('After') || name.endsWith('Before')
  return `${text.filters.names[name]}: ${isTime ? formatInstant(value) : value}`
}
