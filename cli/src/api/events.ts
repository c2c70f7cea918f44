/** Follows a stream of the master's server-sent events, through lost connections and restarts of the master. */
import { EVENTS, type EventData, type EventName } from '@argus/shared'
import { createEventSource, type EventSourceMessage, type FetchLike } from 'eventsource-client'
import { type Failure, failureOf, unreachable } from './failure.ts'
import type { Master } from './master.ts'

/** The master sends a comment every 15 seconds when it has nothing to say: after so long, it is not there. */
const SILENCE_MS = 45_000

/** @param Name of one event, or of any */
export type StreamEvent<Name extends EventName = EventName> = {
  readonly [Each in Name]: {
    readonly event: Each
    /** The revision of the job; null for events that are not kept. */
    readonly id: string | null
    readonly data: EventData<Each>
  }
}[Name]

export interface Following {
  /** Revision after which to begin: 0 for all that there is. By default, with what comes from now on. */
  readonly after?: string | undefined
  readonly onEvent: (event: StreamEvent) => void
  /** The connection is lost, or there was none, and is tried again by itself. */
  readonly onLost?: (why: Failure | null) => void
  /** There is a connection, for the first time or again. */
  readonly onConnected?: () => void
  readonly signal: AbortSignal
}

/**
 * Follows a stream until the signal ends it.
 *
 * @param path of the stream, below `/api/v1`
 * @throws Failure where the master refuses the stream for good, CommandError where it sends what nobody understands
 */
export function followEvents(
  master: Master,
  path: string,
  { after, onEvent, onLost, onConnected, signal }: Following,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let lastFailure: Failure | null = null
    let silence: NodeJS.Timeout | undefined
    let giveUp = new AbortController()
    const heard = () => {
      clearTimeout(silence)
      // Not an AbortError: the library would come back no more.
      silence = setTimeout(() => giveUp.abort(new Error('The master is silent')), SILENCE_MS).unref()
    }
    const end = (error?: unknown) => {
      source.close()
      clearTimeout(silence)
      signal.removeEventListener('abort', stop)
      if (error === undefined) resolve()
      else reject(error)
    }
    const stop = () => end()

    // The library takes every answer for a stream.
    const fetchStream: FetchLike = async (url, init) => {
      giveUp = new AbortController()
      const signals = [giveUp.signal, ...(init?.signal ? [init.signal] : [])]
      const response = await fetch(url, { ...init, signal: AbortSignal.any(signals) }).catch(
        (error: unknown) => {
          lastFailure = unreachable(master.url, error)
          throw lastFailure
        },
      )
      if (response.ok) {
        lastFailure = null
        heard()
        onConnected?.()
        return response
      }
      lastFailure = await failureOf(response)
      if (!lastFailure.isTemporary) end(lastFailure)
      throw lastFailure
    }

    const source = createEventSource({
      url: master.address(path, { after }),
      headers: { ...master.headers },
      fetch: fetchStream,
      onComment: heard,
      onMessage: (message) => {
        heard()
        try {
          const event = eventOf(master, message)
          if (event) onEvent(event)
        } catch (error) {
          // The library would take it for a broken connection.
          end(error)
        }
      },
      onScheduleReconnect: () => onLost?.(lastFailure),
    })
    signal.addEventListener('abort', stop)
    if (signal.aborted) stop()
  })
}

/** @returns null for one that is not known: a later master may have more */
function eventOf(master: Master, { event, id: lastId, data }: EventSourceMessage): StreamEvent | null {
  const id = lastId ?? null
  switch (event) {
    case 'job':
      return { event, id, data: master.parse(data, EVENTS.job) }
    case 'removed':
      return { event, id, data: master.parse(data, EVENTS.removed) }
    case 'batch':
      return { event, id, data: master.parse(data, EVENTS.batch) }
    case 'cluster':
      return { event, id, data: master.parse(data, EVENTS.cluster) }
    default:
      return null
  }
}
