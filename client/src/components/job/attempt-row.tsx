/** One handing of a job to a worker: how it ended, who had it, when, and for how long. */
import type { Attempt, AttemptEnd } from '@argus/shared'
import {
  CircleCheck,
  CircleSlash,
  CircleX,
  type LucideIcon,
  RefreshCw,
  ScanEye,
  TimerOff,
  Undo2,
  Unplug,
} from 'lucide-react'
import { formatDuration, formatElapsed, formatInstant, spanBetween } from '../../format.ts'
import { useClock } from '../../stores/clock.ts'
import { text } from '../../text/index.ts'

const looks: Record<AttemptEnd | 'running', { icon: LucideIcon; colour: string }> = {
  running: { icon: ScanEye, colour: 'text-accent' },
  succeeded: { icon: CircleCheck, colour: 'text-good' },
  failed: { icon: CircleX, colour: 'text-bad' },
  lost: { icon: Unplug, colour: 'text-warn' },
  expired: { icon: TimerOff, colour: 'text-warn' },
  returned: { icon: Undo2, colour: 'text-ink-muted' },
  revoked: { icon: CircleSlash, colour: 'text-ink-muted' },
  restarted: { icon: RefreshCw, colour: 'text-ink-muted' },
}

export function AttemptRow({ attempt }: { attempt: Attempt }) {
  const { number, worker, engine, model, startedAt, error } = attempt
  const end = attempt.end ?? 'running'
  const { icon: Icon, colour } = looks[end]
  const words = text.attempts
  return (
    <li data-attempt={end} className="flex gap-3 px-4 py-2.5">
      <Icon aria-hidden size={16} className={`mt-0.5 shrink-0 ${colour}`} />
      <div className="min-w-0 flex-1">
        <p className="flex justify-between gap-4">
          <span className="font-medium">
            {words.ends[end]}
            {error && `: ${words.reason(error.code)}`}
          </span>
          <Span attempt={attempt} />
        </p>
        {error?.detail && <p className="wrap-anywhere">{error.detail}</p>}
        <div className="justify-between gap-4 text-xs text-ink-muted sm:flex">
          <p title={worker} className="truncate">
            {words.of(number, worker, engine)}
            {model && <span title={model}> · {words.model(model)}</span>}
          </p>
          <time dateTime={startedAt} className="block shrink-0">
            {formatInstant(startedAt)}
          </time>
        </div>
      </div>
    </li>
  )
}

/** How long it took; while it goes on, how long so far. */
function Span({ attempt: { startedAt, endedAt } }: { attempt: Attempt }) {
  const span = useClock(({ now }) =>
    endedAt === null
      ? formatElapsed(spanBetween(startedAt, now))
      : formatDuration(spanBetween(startedAt, endedAt)),
  )
  return <span className="shrink-0 text-ink-muted">{span}</span>
}
