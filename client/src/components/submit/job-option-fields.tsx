/** What may be said about photos, and rarely is: collapsed until someone wants it. */
import { ChevronRight } from 'lucide-react'
import { countOptions, MAX_PRIORITY, useSubmitOptions } from '../../stores/submit-options.ts'
import { text } from '../../text/index.ts'
import { FIELD, Field } from '../ui/field.tsx'
import { Switch } from '../ui/switch.tsx'
import { TagField } from './tag-field.tsx'

const MAX_OWNER_LENGTH = 100

export function JobOptionFields() {
  const options = useSubmitOptions()
  const words = text.submitOptions
  const count = countOptions(options)
  return (
    <details className="group border-t border-line pt-3">
      <summary className="flex h-6 list-none items-center gap-1.5 rounded-sm font-medium [&::-webkit-details-marker]:hidden">
        <ChevronRight aria-hidden size={16} className="transition-transform group-open:rotate-90" />
        {words.more}
        {count > 0 && <span className="font-normal text-ink-muted">{words.chosen(count)}</span>}
      </summary>
      <div className="mt-3 grid gap-4">
        <Field label={words.owner} detail={words.ownerDetail}>
          {({ id, describedBy }) => (
            <input
              id={id}
              aria-describedby={describedBy}
              value={options.owner}
              maxLength={MAX_OWNER_LENGTH}
              placeholder={words.ownerPlaceholder}
              autoComplete="off"
              onChange={({ target }) => useSubmitOptions.setState({ owner: target.value })}
              className={FIELD}
            />
          )}
        </Field>
        <TagField tags={options.tags} onChange={(tags) => useSubmitOptions.setState({ tags })} />
        <Field label={words.priority} detail={words.priorityDetail}>
          {({ id, describedBy }) => (
            <input
              id={id}
              aria-describedby={describedBy}
              type="number"
              min={-MAX_PRIORITY}
              max={MAX_PRIORITY}
              step={1}
              value={options.priority ?? ''}
              placeholder="0"
              onChange={({ target }) => useSubmitOptions.setState({ priority: priorityOf(target.value) })}
              className={`${FIELD} max-w-28`}
            />
          )}
        </Field>
        <Switch
          label={words.fresh}
          detail={words.freshDetail}
          checked={options.fresh}
          onChange={(fresh) => useSubmitOptions.setState({ fresh })}
        />
      </div>
    </details>
  )
}

/** The nearest one that the master takes; null where nothing is entered. */
function priorityOf(value: string): number | null {
  if (value.trim() === '' || !Number.isFinite(Number(value))) return null
  return Math.min(MAX_PRIORITY, Math.max(-MAX_PRIORITY, Math.round(Number(value))))
}
