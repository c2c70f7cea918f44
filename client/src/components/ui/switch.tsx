/** A setting that is on or off, with what it means. */
import { useId } from 'react'

interface Props {
  label: string
  detail?: string
  checked: boolean
  onChange: (checked: boolean) => void
}

export function Switch({ label, detail, checked, onChange }: Props) {
  const id = useId()
  return (
    <div className="flex items-start gap-3">
      <span className="relative mt-0.5 flex h-5 w-9 shrink-0">
        <input
          id={id}
          type="checkbox"
          role="switch"
          aria-checked={checked}
          checked={checked}
          aria-describedby={detail === undefined ? undefined : `${id}-detail`}
          onChange={(event) => onChange(event.target.checked)}
          className="peer absolute -inset-0.5 size-auto cursor-pointer opacity-0"
        />
        <span
          aria-hidden
          className="pointer-events-none h-5 w-9 rounded-full border border-line-strong bg-sunken transition-colors peer-checked:border-accent peer-checked:bg-accent peer-focus-visible:outline-2 peer-focus-visible:outline-offset-2 peer-focus-visible:outline-accent"
        />
        <span
          aria-hidden
          className="pointer-events-none absolute top-1 left-1 size-3 rounded-full bg-line-strong transition-transform peer-checked:translate-x-4 peer-checked:bg-on-accent"
        />
      </span>
      <div className="min-w-0">
        <label htmlFor={id} className="block py-0.5 font-medium">
          {label}
        </label>
        {detail !== undefined && (
          <p id={`${id}-detail`} className="text-xs text-ink-muted">
            {detail}
          </p>
        )}
      </div>
    </div>
  )
}
