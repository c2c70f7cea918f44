/** How a worker is added: one command, with the token hidden until it is asked for; urgent where jobs wait for one. */
import { CircleAlert, Eye, EyeOff } from 'lucide-react'
import { Fragment, useState } from 'react'
import { joinCommand } from '../../api/workers.ts'
import { text } from '../../text/index.ts'
import { CopyButton } from '../ui/copy-button.tsx'
import { FailureNote } from '../ui/failure-note.tsx'
import { IconButton } from '../ui/icon-button.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import type { JoinToken } from './use-join-token.ts'

const DOTS = '••••••••'
const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/

interface Props {
  join: JoinToken
  /** Jobs that no worker will take; 0 where that is not so. */
  waiting: number
  /** There are workers that could be resumed. */
  isDrained: boolean
}

export function AddWorker({ join: { token, failure }, waiting, isDrained }: Props) {
  const { join } = text
  const isUrgent = waiting > 0
  return (
    <section
      aria-labelledby="join"
      data-urgent={isUrgent}
      className={`grid min-w-0 content-start gap-3 rounded-lg border p-4 ${isUrgent ? 'border-warn bg-warn-soft' : 'border-line bg-surface'}`}
    >
      <h2 id="join" className="flex items-center gap-2 font-semibold">
        {isUrgent && <CircleAlert aria-hidden size={20} className="shrink-0 text-warn" />}
        {isUrgent ? join.needed(waiting) : join.heading}
      </h2>
      {isUrgent && <p>{isDrained ? join.neededOrResume : join.neededDetail}</p>}
      {failure ? (
        <FailureNote title={join.failed} detail={failure.title} />
      ) : token === null ? (
        <Skeleton className="h-15 w-full" />
      ) : (
        <Command token={token} />
      )}
      <p className="text-ink-muted">
        {join.detail} {join.secret}
      </p>
      {LOOPBACK.test(location.hostname) && (
        <p className="text-ink-muted">
          {join.loopback(location.hostname)}
          <code className="font-mono text-xs text-ink">HOST=0.0.0.0</code>,{' '}
          <code className="font-mono text-xs text-ink">ARGUS_TOKEN</code>
          {join.loopbackAnd}
          <code className="font-mono text-xs text-ink">ALLOWED_HOSTS</code>
          {join.loopbackRest}
        </p>
      )}
    </section>
  )
}

function Command({ token }: { token: string }) {
  const [isShown, setIsShown] = useState(false)
  const { join } = text
  return (
    <div className="flex items-center gap-1 rounded-md border border-line bg-sunken py-2 pr-2 pl-4">
      <code data-command className="min-w-0 flex-1 font-mono text-xs leading-5 wrap-anywhere">
        {joinCommand(location.origin, isShown ? token : DOTS)
          .split(' ')
          .map((word) => (
            <Fragment key={word}>
              <span className="inline-block max-w-full">{word}</span>{' '}
            </Fragment>
          ))}
      </code>
      <IconButton
        icon={isShown ? EyeOff : Eye}
        label={isShown ? join.hide : join.reveal}
        onClick={() => setIsShown(!isShown)}
      />
      <CopyButton content={joinCommand(location.origin, token)} label={join.copy} />
    </div>
  )
}
