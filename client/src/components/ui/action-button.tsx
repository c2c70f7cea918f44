/** A button that has the master do something. While that is under way it keeps its place, its size and the focus. */
import { LoaderCircle, type LucideIcon } from 'lucide-react'

interface Props {
  icon: LucideIcon
  label: string
  /** What exactly it does, for hover and for assistive technology. */
  hint: string
  pending: boolean
  /** On a narrow screen only the word, which then has little room. */
  compact?: boolean
  onClick: () => void
}

export function ActionButton({ icon, label, hint, pending, compact = false, onClick }: Props) {
  const Icon = pending ? LoaderCircle : icon
  return (
    <button
      type="button"
      title={hint}
      aria-label={hint}
      aria-disabled={pending}
      aria-busy={pending}
      // The second click of a double click would undo what the first one has done.
      onClick={({ detail }) => detail <= 1 && onClick()}
      className="inline-flex h-8 shrink-0 items-center justify-center gap-1.5 rounded-md border border-line-strong bg-surface px-3 min-w-21 sm:min-w-26 font-medium whitespace-nowrap transition-colors not-aria-disabled:hover:border-accent not-aria-disabled:hover:bg-hover aria-disabled:cursor-default aria-disabled:border-line aria-disabled:text-ink-muted"
    >
      <Icon
        aria-hidden
        size={16}
        className={`shrink-0 ${pending ? 'animate-spin' : ''} ${compact ? 'max-sm:hidden' : ''}`}
      />
      {label}
    </button>
  )
}
