/** What is listed, and in which order. */

import { JOB_SORTS } from '@argus/shared/vocabulary'
import { Keyboard, ListFilter } from 'lucide-react'
import { type RefObject, useId, useState } from 'react'
import { text } from '../../text/index.ts'
import { DeleteMatching } from './delete-matching.tsx'
import { FilterLine } from './filter-line.tsx'
import { FilterPanel } from './filter-panel.tsx'
import { filterValues, withSort } from './job-query.ts'
import { SearchBox } from './search-box.tsx'
import type { QueryInAddress } from './use-query.ts'

const CONTROL =
  'flex h-9 items-center gap-1.5 rounded-md border border-line-strong bg-surface px-3 font-medium transition-colors hover:border-accent hover:bg-hover'

interface Props {
  address: QueryInAddress
  search: RefObject<HTMLInputElement | null>
  onShowKeys: () => void
}

export function Toolbar({ address, search, onShowKeys }: Props) {
  const { params, query, go } = address
  const [isOpen, setOpen] = useState(false)
  const panel = useId()
  const { jobs, filters, keys } = text
  const inPanel = filterValues(query.filter).filter(({ name }) => name !== 'status').length
  return (
    <div className="grid gap-2">
      <div className="flex flex-wrap items-center gap-2">
        <SearchBox {...address} input={search} />
        <button
          type="button"
          aria-expanded={isOpen}
          aria-controls={isOpen ? panel : undefined}
          onClick={() => setOpen(!isOpen)}
          className={`${CONTROL} aria-expanded:border-accent aria-expanded:text-accent`}
        >
          <ListFilter aria-hidden size={16} />
          {filters.button}
          <span
            title={filters.set(inPanel)}
            className={`min-w-5 rounded-full px-1 text-center text-xs ${inPanel > 0 ? 'bg-accent text-on-accent' : 'invisible'}`}
          >
            {inPanel}
          </span>
        </button>
        <select
          aria-label={jobs.sort}
          value={query.sort}
          onChange={({ target }) => go(withSort(params, target.value))}
          className={CONTROL}
        >
          {JOB_SORTS.map((sort) => (
            <option key={sort} value={sort}>
              {jobs.sorts[sort]}
            </option>
          ))}
        </select>
        <div className="ml-auto flex gap-1">
          <DeleteMatching query={query} />
          <button
            type="button"
            title={keys.open}
            aria-label={keys.open}
            onClick={onShowKeys}
            className="flex h-9 items-center rounded-md px-3 text-ink-muted transition-colors hover:bg-hover hover:text-ink pointer-coarse:hidden"
          >
            <Keyboard aria-hidden size={16} />
          </button>
        </div>
      </div>
      {isOpen && <FilterPanel id={panel} {...address} onClose={() => setOpen(false)} />}
      <FilterLine {...address} />
    </div>
  )
}
