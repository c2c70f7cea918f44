/** What a batch is doing, as icon and word. */
import type { Batch } from '@argus/shared'
import { Ban, CircleCheck, Inbox, type LucideIcon, ScanEye } from 'lucide-react'
import { text } from '../../text/index.ts'
import { type BatchState, stateOf } from './state.ts'

const looks: Record<BatchState, { icon: LucideIcon; colour: string }> = {
  empty: { icon: Inbox, colour: 'text-ink-muted' },
  running: { icon: ScanEye, colour: 'text-accent' },
  done: { icon: CircleCheck, colour: 'text-good' },
  cancelled: { icon: Ban, colour: 'text-ink-muted' },
}

export function StateWord({ batch }: { batch: Batch }) {
  const state = stateOf(batch)
  const { icon: Icon, colour } = looks[state]
  return (
    <span data-state={state} className="flex items-center gap-1.5 whitespace-nowrap">
      <Icon aria-hidden size={16} className={`shrink-0 ${colour}`} />
      {text.batch.states[state]}
    </span>
  )
}
