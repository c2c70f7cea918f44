/** Says why photos are refused, or not being recognised, just now, and what is being done about it. */
import type { ClusterView } from '@argus/shared'
import { CircleAlert, Info } from 'lucide-react'
import { useBoard } from '../../stores/board.ts'
import { text } from '../../text/index.ts'
import { type Notice, readinessNotice, storageNotices } from './notices.ts'

export function ReadinessBanner() {
  const cluster = useBoard((store) => store.overview?.cluster)
  return (
    <>
      {/* Always there, so that what appears in it is read out. */}
      <div role="status" className="contents">
        {cluster && storageNotices(cluster).map((notice) => <Banner key={notice.title} notice={notice} />)}
      </div>
      {cluster && <Readiness cluster={cluster} />}
    </>
  )
}

function Readiness({ cluster }: { cluster: ClusterView }) {
  const notice = readinessNotice(cluster)
  return notice && <Banner notice={notice} />
}

function Banner({ notice: { tone, title, detail, progress } }: { notice: Notice }) {
  const Icon = tone === 'busy' ? Info : CircleAlert
  return (
    <section
      aria-label={title}
      className={`flex gap-3 rounded-lg px-4 py-3 ${tone === 'busy' ? 'bg-accent-soft' : 'bg-warn-soft'}`}
    >
      <Icon aria-hidden size={20} className={`shrink-0 ${tone === 'busy' ? 'text-accent' : 'text-warn'}`} />
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap justify-between gap-x-4 font-semibold">
          <span className="wrap-anywhere">{title}</span>
          {progress && (
            <span className="font-normal">{text.readiness.fetched(progress.received, progress.total)}</span>
          )}
        </p>
        {progress && (
          <progress
            aria-label={title}
            className="my-2"
            value={progress.total === null ? undefined : progress.received}
            max={progress.total ?? undefined}
          />
        )}
        <p className="wrap-anywhere text-ink-muted">{detail}</p>
      </div>
    </section>
  )
}
