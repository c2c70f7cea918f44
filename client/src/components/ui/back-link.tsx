/** Leads back to where one came from; where that was no page of this app, to the page above. Escape does the same. */
import { ArrowLeft } from 'lucide-react'
import { useEffect } from 'react'
import { Link, useLocation, useNavigate } from 'react-router'
import { text } from '../../text/index.ts'

interface Props {
  /** The page above. */
  to: string
  label: string
}

export function BackLink({ to, label }: Props) {
  const navigate = useNavigate()
  // The router calls the place at which it began so.
  const cameFromHere = useLocation().key !== 'default'
  const way = cameFromHere ? -1 : to
  useEffect(() => {
    const leave = ({ key, defaultPrevented }: KeyboardEvent) => {
      // A dialog, a menu or a field has its own use for it.
      if (key !== 'Escape' || defaultPrevented || isTaken()) return
      if (way === -1) navigate(-1)
      else navigate(way)
    }
    addEventListener('keydown', leave)
    return () => removeEventListener('keydown', leave)
  }, [navigate, way])
  return (
    <Link
      to={to}
      onClick={(event) => {
        // Opened elsewhere, it has no history to go back in.
        if (way !== -1 || event.metaKey || event.ctrlKey || event.shiftKey) return
        event.preventDefault()
        navigate(-1)
      }}
      title={text.back.hint}
      className="inline-flex h-6 w-fit items-center gap-1.5 rounded-sm text-ink-muted transition-colors hover:text-ink"
    >
      <ArrowLeft aria-hidden size={16} />
      {cameFromHere ? text.back.there : label}
    </Link>
  )
}

function isTaken(): boolean {
  const { activeElement } = document
  const isField = activeElement instanceof HTMLInputElement || activeElement instanceof HTMLTextAreaElement
  return isField || document.querySelector('dialog[open], [popover]:popover-open') !== null
}
