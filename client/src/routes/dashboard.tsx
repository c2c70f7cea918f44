/** What the cluster has done in the last minutes or hours: figures, and how they went. */
import { useSearchParams } from 'react-router'
import { CHART_HEIGHT } from '../components/dashboard/chart.tsx'
import { Charts } from '../components/dashboard/charts.tsx'
import { Silence } from '../components/dashboard/silence.tsx'
import { Tiles } from '../components/dashboard/tiles.tsx'
import { isSilent } from '../components/dashboard/units.ts'
import { WindowSwitch } from '../components/dashboard/window-switch.tsx'
import {
  type ActivityWindow,
  marks,
  minutesOf,
  WINDOW_PARAMETER,
  windowFrom,
} from '../components/dashboard/windows.ts'
import { FreshnessNote } from '../components/shell/freshness-note.tsx'
import { useTitle } from '../components/shell/use-title.ts'
import { FailureNote } from '../components/ui/failure-note.tsx'
import { Skeleton } from '../components/ui/skeleton.tsx'
import { useStale } from '../stores/board.ts'
import { useSubject } from '../stores/subjects.ts'
import { text } from '../text/index.ts'

/** The page at `/dashboard`. */
export function Component() {
  const { dashboard } = text
  useTitle(dashboard.heading)
  const [parameters, setParameters] = useSearchParams()
  const window = windowFrom(parameters.get(WINDOW_PARAMETER))
  const choose = (next: ActivityWindow) => setParameters({ [WINDOW_PARAMETER]: next }, { replace: true })
  const { news, refusal } = useSubject({ of: 'activity', minutes: minutesOf(window) })
  const stale = useStale()
  return (
    <>
      <div className="flex min-h-9 flex-wrap items-center gap-x-4 gap-y-2">
        <h1 className="text-lg font-semibold">{dashboard.heading}</h1>
        <WindowSwitch chosen={window} onChoose={choose} />
        <FreshnessNote />
      </div>
      {refusal ? (
        <FailureNote title={refusal.title} detail={refusal.detail} />
      ) : (
        <div aria-busy={news === null} className={`grid min-w-0 gap-4 ${stale ? 'stale' : ''}`}>
          <Tiles whole={news?.whole} />
          {news === null ? (
            <ChartSkeletons />
          ) : isSilent(news.whole) ? (
            <Silence window={window} />
          ) : (
            <Charts steps={news.series} marks={marks(news.series, window)} />
          )}
        </div>
      )}
    </>
  )
}

function ChartSkeletons() {
  return (
    <div className="grid gap-4 lg:grid-cols-2">
      {['rate', 'queue', 'latency', 'ended'].map((chart) => (
        <div key={chart} className="rounded-lg border border-line bg-surface p-4 pb-12">
          <Skeleton className="mt-1 mb-9 h-4 w-40" />
          <span className="block" style={{ height: CHART_HEIGHT }}>
            <Skeleton className="h-full w-full opacity-50" />
          </span>
        </div>
      ))}
    </div>
  )
}
