/** Says of an opened job that the master has it no more. */
import { Trash2 } from 'lucide-react'
import { text } from '../text.ts'

export function RemovedNote() {
  return (
    <p role="status" className="flex items-center gap-3 rounded-md bg-warn-soft px-4 py-3">
      <Trash2 aria-hidden size={16} className="shrink-0 text-warn" />
      {text.details.removed}
    </p>
  )
}
