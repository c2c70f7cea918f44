/** The filters for which there is no room in the toolbar; they are applied together. */
import { useId } from 'react'
import { useBoard } from '../../stores/board.ts'
import { text } from '../../text/index.ts'
import { Button } from '../ui/button.tsx'
import { FIELD } from '../ui/field.tsx'
import { type FilterName, withFilter } from './job-query.ts'
import { instantOf, localTimeOf } from './local-time.ts'
import type { QueryInAddress } from './use-query.ts'

const WORDS = ['class', 'fileName', 'owner', 'worker', 'batch'] as const
const TIMES = ['submittedAfter', 'submittedBefore', 'endedAfter', 'endedBefore'] as const

interface Props extends QueryInAddress {
  id: string
  onClose: () => void
}

export function FilterPanel({ id, params, go, onClose }: Props) {
  const workers = useId()
  const { filters } = text
  const hints: Partial<Record<FilterName, string>> = { ...filters.searchHints, ...filters.hints }
  const apply = (form: FormData) => {
    const given = (name: string) => String(form.get(name) ?? '')
    let next = params
    for (const name of WORDS) next = withFilter(next, name, [given(name)])
    next = withFilter(next, 'tag', given('tag').split('\n'))
    for (const name of TIMES) next = withFilter(next, name, [instantOf(given(name), params.get(name))])
    go(next)
  }
  return (
    <section id={id} aria-label={filters.heading} className="rounded-lg border border-line bg-surface p-4">
      <form
        // What else changes the address shows here.
        key={params.toString()}
        onSubmit={(event) => {
          event.preventDefault()
          apply(new FormData(event.currentTarget))
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return
          event.preventDefault()
          onClose()
        }}
        className="grid gap-x-4 gap-y-3 sm:grid-cols-2 lg:grid-cols-5"
      >
        {WORDS.map((name) => (
          <label key={name} className="grid gap-1 text-xs font-medium text-ink-muted">
            {filters.names[name]}
            <input
              name={name}
              autoComplete="off"
              spellCheck={false}
              list={name === 'worker' ? workers : undefined}
              placeholder={hints[name]}
              defaultValue={params.get(name) ?? ''}
              className={`${FIELD} text-sm font-normal text-ink`}
            />
          </label>
        ))}
        {TIMES.map((name) => (
          <label key={name} className="grid gap-1 text-xs font-medium text-ink-muted">
            {filters.names[name]}
            <input
              type="datetime-local"
              name={name}
              defaultValue={localTimeOf(params.get(name))}
              className={`${FIELD} text-sm font-normal text-ink`}
            />
          </label>
        ))}
        <label className="grid content-start gap-1 text-xs font-medium text-ink-muted">
          {filters.tags}
          <textarea
            name="tag"
            rows={1}
            spellCheck={false}
            placeholder={hints.tag}
            defaultValue={params.getAll('tag').join('\n')}
            className={`${FIELD} min-h-8 py-1.5 text-sm font-normal text-ink`}
          />
        </label>
        <div className="col-span-full flex justify-end gap-2">
          <Button label={filters.close} onClick={onClose} />
          <button
            type="submit"
            className="h-8 rounded-md bg-accent px-4 font-medium text-on-accent transition-colors hover:bg-accent-hover"
          >
            {filters.apply}
          </button>
        </div>
      </form>
      <WorkerNames id={workers} />
    </section>
  )
}

/** Of those that are connected, to choose from. */
function WorkerNames({ id }: { id: string }) {
  const workers = useBoard((store) => store.overview?.cluster.workers)
  const names = new Set(workers?.map(({ name }) => name))
  return (
    <datalist id={id}>
      {[...names].map((name) => (
        <option key={name} value={name} />
      ))}
    </datalist>
  )
}
