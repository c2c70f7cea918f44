/** How far back the dashboard looks, as its address says it. */
import type { ActivityMinutes } from '@argus/shared/vocabulary'

export const WINDOWS = ['15m', '1h', '24h'] as const
export type ActivityWindow = (typeof WINDOWS)[number]

export const WINDOW_PARAMETER = 'window'

const MINUTES: Record<ActivityWindow, ActivityMinutes> = { '15m': 15, '1h': 60, '24h': 1440 }

/** Minutes from one mark of the time axis to the next. */
const MARK_MINUTES: Record<ActivityWindow, number> = { '15m': 3, '1h': 10, '24h': 4 * 60 }

/** What an address asks for; the shortest where it says nothing of use. */
export function windowFrom(words: string | null): ActivityWindow {
  return WINDOWS.find((window) => window === words) ?? WINDOWS[0]
}

export function minutesOf(window: ActivityWindow): ActivityMinutes {
  return MINUTES[window]
}

/** Those steps' beginnings at which the axis is marked: the first ones after a round time of this place's clock. */
export function marks(steps: ReadonlyArray<{ readonly from: string }>, window: ActivityWindow): string[] {
  const spans = steps.map(({ from }) => {
    const begin = new Date(from)
    return Math.floor((begin.getHours() * 60 + begin.getMinutes()) / MARK_MINUTES[window])
  })
  return steps.flatMap(({ from }, at) => (at > 0 && spans[at] !== spans[at - 1] ? from : []))
}
