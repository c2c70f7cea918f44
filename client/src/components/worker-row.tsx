/** One worker in the panel: what it runs on, how busy it is, and a button that takes it out of service, or back. */
import type { WorkerView } from '@argus/shared'
import { CirclePause, CirclePlay } from 'lucide-react'
import { drainWorker, resumeWorker } from '../api/workers.ts'
import { formatRate } from '../format.ts'
import { text } from '../text.ts'
import { ActionButton } from './action-button.tsx'
import { useAction } from './use-action.ts'

export function WorkerRow({ worker }: { worker: WorkerView }) {
  const { id, name, state, engine, imagesPerSecond, slots, busy, held } = worker
  const { cluster } = text
  const isOut = state === 'draining' || state === 'drained'
  const { pending, failure, run } = useAction(isOut ? 'out' : 'in')
  const speed = imagesPerSecond === null ? null : cluster.speed(imagesPerSecond)
  return (
    <>
      <tr data-worker-state={state} className="h-18 border-line sm:h-14 not-first:border-t">
        <th scope="row" className="pr-3 pl-4 font-medium">
          <p title={name} className="truncate">
            {name}
          </p>
          <p className={`text-xs ${isOut ? 'text-warn' : 'font-normal text-ink-muted'}`}>
            {cluster.states[state]}
          </p>
          <p className="truncate text-xs font-normal text-ink-muted sm:hidden">
            {[engine, speed].filter((part) => part !== null).join(' · ')}
          </p>
        </th>
        <td className="truncate px-3 max-sm:hidden">{engine}</td>
        <td className="px-3 text-right max-sm:hidden">
          {imagesPerSecond !== null && formatRate(imagesPerSecond)}
        </td>
        <td className="text-right whitespace-nowrap sm:px-3">
          <p>{cluster.busy(busy, slots)}</p>
          {held > busy && (
            <p title={cluster.aheadHint} className="text-xs text-ink-muted">
              {cluster.ahead(held - busy)}
            </p>
          )}
        </td>
        <td className="pr-4 text-right">
          <ActionButton
            icon={isOut ? CirclePlay : CirclePause}
            label={isOut ? cluster.resume : cluster.drain}
            hint={isOut ? cluster.resumeOf(name) : cluster.drainOf(name)}
            pending={pending}
            compact
            onClick={() => run(() => (isOut ? resumeWorker(id) : drainWorker(id)))}
          />
        </td>
      </tr>
      {failure !== null && (
        <tr>
          <td colSpan={5} role="alert" className="px-4 pb-2.5 text-bad">
            {cluster.refused(failure.title)}
          </td>
        </tr>
      )}
    </>
  )
}
