/** A button with a word, and an icon before it. */
import type { LucideIcon } from 'lucide-react'

interface Props {
  icon?: LucideIcon
  label: string
  onClick: () => void
}

/** How such a button looks, for what is none, but does as much. */
export const BUTTON =
  'inline-flex h-8 shrink-0 items-center justify-center gap-1.5 rounded-md border border-line-strong bg-surface px-3 font-medium whitespace-nowrap transition-colors hover:border-accent hover:bg-hover'

export function Button({ icon: Icon, label, onClick }: Props) {
  return (
    <button type="button" onClick={onClick} className={BUTTON}>
      {Icon && <Icon aria-hidden size={16} className="shrink-0" />}
      {label}
    </button>
  )
}
