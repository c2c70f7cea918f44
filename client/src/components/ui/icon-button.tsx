/** A small button that shows an icon only; its words are for hover and for assistive technology. */
import type { LucideIcon } from 'lucide-react'

interface Props {
  icon: LucideIcon
  label: string
  onClick: () => void
}

export function IconButton({ icon: Icon, label, onClick }: Props) {
  return (
    <button
      type="button"
      title={label}
      aria-label={label}
      onClick={onClick}
      className="flex size-7 shrink-0 items-center justify-center rounded-md text-ink-muted transition-colors hover:bg-hover hover:text-ink"
    >
      <Icon aria-hidden size={16} />
    </button>
  )
}
