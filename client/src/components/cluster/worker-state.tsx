/** A worker's state as icon and word, so that no one has to tell it by its colour. */
import type { WorkerView } from '@argus/shared'
import { CircleCheck, CirclePause, Hourglass, LogOut, type LucideIcon } from 'lucide-react'
import { text } from '../../text/index.ts'

const looks: Record<WorkerView['state'], { icon: LucideIcon; colour: string }> = {
  starting: { icon: Hourglass, colour: 'text-accent' },
  ready: { icon: CircleCheck, colour: 'text-good' },
  draining: { icon: LogOut, colour: 'text-warn' },
  drained: { icon: CirclePause, colour: 'text-warn' },
}

export function WorkerState({ state }: { state: WorkerView['state'] }) {
  const { icon: Icon, colour } = looks[state]
  return (
    <span className="flex shrink-0 items-center gap-1.5 whitespace-nowrap">
      <Icon aria-hidden size={16} className={`shrink-0 ${colour}`} />
      {text.workers.states[state]}
    </span>
  )
}
