/** A labelled field of a form, with what is to be known of it below. */
import { type ReactNode, useId } from 'react'

interface Props {
  label: string
  detail?: string
  /** What is wrong with what was entered. */
  problem?: string | null
  /** Is given the ids that connect the input with its words. */
  children: (ids: { id: string; describedBy: string }) => ReactNode
}

export const FIELD =
  'h-8 w-full min-w-0 rounded-md border border-line-strong bg-surface px-2.5 placeholder:text-ink-muted'

export function Field({ label, detail, problem = null, children }: Props) {
  const id = useId()
  return (
    <div className="grid gap-1">
      <label htmlFor={id} className="font-medium">
        {label}
      </label>
      {children({ id, describedBy: `${id}-detail` })}
      <p id={`${id}-detail`} className={`text-xs ${problem === null ? 'text-ink-muted' : 'text-bad'}`}>
        {problem ?? detail}
      </p>
    </div>
  )
}
