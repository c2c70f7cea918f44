/** Says of something that is shown that the master has it no more. */
import { Trash2 } from 'lucide-react'

export function RemovedNote({ words }: { words: string }) {
  return (
    <p role="status" className="flex items-center gap-3 rounded-lg bg-warn-soft px-4 py-3">
      <Trash2 aria-hidden size={16} className="shrink-0 text-warn" />
      {words}
    </p>
  )
}
