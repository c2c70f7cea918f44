/** Searches by label or by file name while one types. */
import { Search, X } from 'lucide-react'
import { type RefObject, useEffect, useRef, useState } from 'react'
import { text } from '../../text/index.ts'
import { withFilter } from './job-query.ts'
import type { QueryInAddress } from './use-query.ts'

const FIELDS = ['class', 'fileName'] as const
type Field = (typeof FIELDS)[number]

/** After the last letter. */
const PAUSE_MS = 250

interface Props extends QueryInAddress {
  input: RefObject<HTMLInputElement | null>
}

export function SearchBox({ params, query, go, input }: Props) {
  const [field, setField] = useState<Field>(() =>
    params.has('fileName') && !params.has('class') ? 'fileName' : 'class',
  )
  const applied = query.filter[field] ?? ''
  /** What is being typed, as long as nothing else changes the address: it says `from`, or on the way `to`. */
  const [draft, setDraft] = useState<{ typed: string; from: string; to: string } | null>(null)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  if (draft !== null && draft.to === applied && draft.from !== applied) setDraft({ ...draft, from: applied })
  const typed = draft !== null && [draft.from, draft.to].includes(applied) ? draft.typed : applied

  const apply = (value: string) => {
    clearTimeout(timer.current)
    // The page may not have been drawn since its address has changed.
    const now = new URLSearchParams(window.location.search)
    const next = withFilter(now, field, [value])
    setDraft({ typed: value, from: applied, to: next.get(field) ?? '' })
    // All its letters are one step back.
    go(next, now.has(field) || !next.has(field))
  }
  const type = (value: string) => {
    setDraft({ typed: value, from: applied, to: draft?.to ?? applied })
    clearTimeout(timer.current)
    timer.current = setTimeout(() => apply(value), PAUSE_MS)
  }
  const switchTo = (to: Field) => {
    clearTimeout(timer.current)
    setField(to)
    setDraft(null)
    if (typed.trim() !== '') go(withFilter(withFilter(params, field, []), to, [typed]), true)
  }
  const { filters } = text
  return (
    <search className="flex h-9 min-w-0 flex-1 basis-72 items-center rounded-md border border-line-strong bg-surface has-[input:focus-visible]:outline-2 has-[input:focus-visible]:outline-offset-1 has-[input:focus-visible]:outline-accent sm:max-w-md">
      <select
        aria-label={filters.searchIn}
        value={field}
        onChange={({ target }) => switchTo(FIELDS.find((known) => known === target.value) ?? 'class')}
        className="h-full shrink-0 rounded-l-md border-r border-line bg-sunken px-2 text-ink-muted"
      >
        {FIELDS.map((known) => (
          <option key={known} value={known}>
            {filters.searchFields[known]}
          </option>
        ))}
      </select>
      <Search aria-hidden size={16} className="ml-2.5 shrink-0 text-ink-muted" />
      <input
        ref={input}
        type="text"
        enterKeyHint="search"
        autoComplete="off"
        spellCheck={false}
        maxLength={100}
        aria-label={`${filters.search}: ${filters.searchFields[field]}`}
        placeholder={filters.searchHints[field]}
        value={typed}
        onChange={({ target }) => type(target.value)}
        onKeyDown={({ key, currentTarget }) => {
          if (key === 'Enter') apply(typed)
          if (key !== 'Escape') return
          if (typed === '') currentTarget.blur()
          else apply('')
        }}
        className="h-full min-w-0 flex-1 bg-transparent px-2 outline-none placeholder:text-ink-muted"
      />
      <button
        type="button"
        title={filters.clearSearch}
        aria-label={filters.clearSearch}
        onClick={() => {
          apply('')
          input.current?.focus()
        }}
        className={`mr-1 flex size-7 shrink-0 items-center justify-center rounded-md text-ink-muted hover:bg-hover hover:text-ink ${typed === '' ? 'invisible' : ''}`}
      >
        <X aria-hidden size={16} />
      </button>
    </search>
  )
}
