/** One worker: what it runs on, how busy it is, and a button that takes it out of service, or back. */
import type { WorkerFigures, WorkerView } from '@argus/shared'
import { CirclePause, CirclePlay } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { Link } from 'react-router'
import { drainWorker, resumeWorker } from '../../api/workers.ts'
import { formatBytes } from '../../format.ts'
import { text } from '../../text/index.ts'
import { ActionButton } from '../ui/action-button.tsx'
import { ConfirmDialog } from '../ui/confirm-dialog.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { useAction } from '../ui/use-action.ts'
import { Fact } from './fact.tsx'
import { Heartbeat } from './heartbeat.tsx'
import { Slots } from './slots.tsx'
import { Sparkline } from './sparkline.tsx'
import { WorkerState } from './worker-state.tsx'

interface Props {
  worker: WorkerView
  /** What the cluster serves; null while there is no model. */
  model: string | null
  /** Undefined until they are known. */
  figures: WorkerFigures | undefined
  /** When the figures came. */
  arrivedAt: number
  /** What fills the height of the bars of any worker. */
  top: number
  /** Jobs that wait for this worker alone; 0 where there are others. */
  waiting: number
}

export function WorkerCard({ worker, model, figures, arrivedAt, top, waiting }: Props) {
  const { id, name, state, engine, imagesPerSecond, held } = worker
  const { workers } = text
  const isOut = state === 'draining' || state === 'drained'
  const { pending, failure, run } = useAction(isOut ? 'out' : 'in')
  const [asks, setAsks] = useState(false)
  const drain = () => run(() => drainWorker(id))
  const speed = imagesPerSecond === null ? null : workers.speed(imagesPerSecond)
  const serves = state === 'starting' ? null : model
  return (
    <li
      data-worker-state={state}
      data-worker-name={name}
      className="grid min-w-0 grid-cols-[minmax(0,1fr)] content-start gap-3 rounded-lg border border-line bg-surface p-4"
    >
      <div className="flex items-start gap-3">
        <div className="min-w-0 flex-1">
          <h3 title={name} className="truncate font-semibold">
            {name}
          </h3>
          <WorkerState state={state} />
        </div>
        <ActionButton
          icon={isOut ? CirclePlay : CirclePause}
          label={isOut ? workers.resume : workers.drain}
          hint={isOut ? workers.resumeOf(name) : workers.drainOf(name)}
          pending={pending}
          onClick={() => {
            if (isOut) run(() => resumeWorker(id))
            else if (waiting > 0) setAsks(true)
            else drain()
          }}
        />
      </div>
      <div className="min-h-10 text-xs text-ink-muted">
        <p title={workers.speedHint} className="truncate">
          {[engine ?? workers.noEngine, speed].filter((part) => part !== null).join(' · ')}
        </p>
        <p title={serves ?? undefined} className="truncate">
          {serves}
        </p>
      </div>
      <Slots worker={worker} />
      <div className="grid gap-1">
        {figures ? <Sparkline recent={figures.recent} top={top} /> : <Skeleton className="h-8 w-full" />}
        <p className="min-h-4 text-xs text-ink-muted">{figures && workers.lastMinute(figures.recognised)}</p>
      </div>
      <dl className="grid grid-cols-4 gap-x-3">
        <Fact name={workers.cpu}>{figures && told(figures.cpu, (cpu) => cpu.toFixed(2))}</Fact>
        <Fact name={workers.memory}>{figures && told(figures.rssBytes, formatBytes)}</Fact>
        <Fact name={workers.beat} hint={workers.beatHint}>
          {figures && told(figures.beatAgeMs, (age) => <Heartbeat ageMs={age} arrivedAt={arrivedAt} />)}
        </Fact>
        <Fact name={workers.jobs}>
          {held === 0 ? (
            <span className="font-normal text-ink-muted">{workers.holdsNone}</span>
          ) : (
            <Link
              to={`/?${new URLSearchParams({ worker: name, status: 'RUNNING' })}`}
              aria-label={workers.holdsOf(name, held)}
              title={workers.holdsOf(name, held)}
              className="-my-0.5 inline-block min-h-6 py-0.5 text-accent underline underline-offset-2 hover:text-accent-hover"
            >
              {workers.holds(held)}
            </Link>
          )}
        </Fact>
      </dl>
      {failure !== null && (
        <p role="alert" className="text-bad">
          {workers.refused(failure.title)}
        </p>
      )}
      {asks && (
        <ConfirmDialog
          title={workers.lastTitle}
          detail={workers.lastDetail(name, waiting)}
          action={workers.drain}
          onConfirm={drain}
          onClose={() => setAsks(false)}
        />
      )}
    </li>
  )
}

function told<Value>(value: Value | null, show: (value: Value) => ReactNode) {
  const { unknown, nothing } = text.workers
  return value === null ? <span title={unknown}>{nothing}</span> : show(value)
}
