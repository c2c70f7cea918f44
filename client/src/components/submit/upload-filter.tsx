/** Which uploads are listed: all, or those of one kind, with how many there are. */
import { formatCount } from '../../format.ts'
import { useUploads } from '../../stores/uploads.ts'
import { text } from '../../text/index.ts'
import { pendingOf } from '../../uploads/tally.ts'

const FILTERS = ['all', 'pending', 'failed', 'sent'] as const
export type Filter = (typeof FILTERS)[number]

interface Props {
  filter: Filter
  onChange: (filter: Filter) => void
}

export function UploadFilter({ filter, onChange }: Props) {
  const tally = useUploads((store) => store.tally)
  const { failed, sent } = tally.states
  const counts: Record<Filter, number> = { all: tally.files, pending: pendingOf(tally), failed, sent }
  return (
    <div className="flex gap-1 overflow-x-auto px-2 py-1.5">
      {FILTERS.map((name) => (
        <button
          key={name}
          type="button"
          aria-pressed={filter === name}
          onClick={() => onChange(name)}
          className="h-7 shrink-0 rounded-md px-2 text-xs font-medium text-ink-muted transition-colors hover:bg-hover hover:text-ink aria-pressed:bg-accent-soft aria-pressed:text-accent"
        >
          {text.uploads.filters[name]} {formatCount(counts[name])}
        </button>
      ))}
    </div>
  )
}
