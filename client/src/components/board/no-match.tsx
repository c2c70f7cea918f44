/** Stands in the place of the rows where the filter, or the order, leaves none. */
import { SearchX } from 'lucide-react'
import { text } from '../../text/index.ts'
import { Button } from '../ui/button.tsx'
import { DEFAULT_SORT, filterValues, withoutFilters, withSort } from './job-query.ts'
import type { QueryInAddress } from './use-query.ts'

export function NoMatch({ params, query, go }: QueryInAddress) {
  const isFiltered = filterValues(query.filter).length > 0
  const { filters } = text
  return (
    <div className="grid justify-items-center gap-2 rounded-lg border border-line bg-surface px-5 py-12 text-center">
      <SearchX aria-hidden size={28} className="text-ink-muted" />
      <h2 className="text-base font-semibold">{isFiltered ? filters.nothing : filters.noneEnded}</h2>
      <p className="text-ink-muted">{isFiltered ? filters.nothingDetail : filters.noneEndedDetail}</p>
      <div className="mt-2">
        <Button
          label={isFiltered ? filters.clearAll : filters.showNewest}
          onClick={() => go(isFiltered ? withoutFilters(params) : withSort(params, DEFAULT_SORT))}
        />
      </div>
    </div>
  )
}
