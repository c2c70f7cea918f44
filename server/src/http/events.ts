/** `/events`, and those of a job and of a batch: server-sent events, for programs without Socket.IO. */
import { eventQuerySchema, idSchema, ProblemError, revisionSchema } from '@argus/shared'
import type { Request, Response } from 'express'
import { eventText } from '../events/event-log.ts'
import type { StreamBegin, Summary } from '../events/event-stream.ts'
import type { ClosableSink, EventStreams } from '../events/event-streams.ts'
import type { BatchService } from '../jobs/batch-service.ts'
import type { JobService } from '../jobs/job-service.ts'
import type { ChangeScope } from '../store/change-log.ts'
import type { ClusterWatch } from '../workers/cluster-watch.ts'
import { type Operation, operation } from './operation.ts'

const topic = 'events'

/** A client that was cut off comes back after so long. */
const RETRY_MS = 1000

const RESUMING = `After \`Last-Event-ID\` it goes on with what has changed since: no change is missed, and none comes twice, also when the master was restarted meanwhile. Where a job has changed several times since, its latest state may stand for all; of jobs that were removed more than a day ago there is no word. A client that takes events more slowly than they happen gets the latest states only.`

const streamHeaders = {
  'last-event-id': revisionSchema.optional().describe('The id of the last event that came.'),
}
const answers = {
  200: { description: 'A stream, which ends when the client does.', types: ['text/event-stream'] },
}

export interface EventRoutesParts {
  readonly jobs: JobService
  readonly batches: BatchService
  readonly cluster: ClusterWatch
  readonly eventStreams: EventStreams
}

export function eventOperations({ jobs, batches, cluster, eventStreams }: EventRoutesParts): Operation[] {
  return [
    operation(
      {
        id: 'followEvents',
        method: 'get',
        path: '/api/v1/events',
        topic,
        summary: 'Follow all jobs and the cluster',
        description: `\`job\`: a job has changed, and is so now. \`removed\`: one was deleted. \`cluster\`: how many jobs there are in each state, and the workers; at the beginning, and once a second at most. ${RESUMING}`,
        query: eventQuerySchema.shape,
        headers: streamHeaders,
        answers,
        problems: ['events/too-many-streams', 'store/unavailable'],
      },
      ({ request, response, query, headers }) =>
        follow(request, response, {}, beginOf(headers, query), {
          make: async () => ({
            text: eventText('cluster', { ...cluster.view(), counts: jobs.changes.counts }),
            isCurrent: true,
          }),
          onChange: (listener) => cluster.onChange(listener),
        }),
    ),

    operation(
      {
        id: 'followBatch',
        method: 'get',
        path: '/api/v1/batches/{id}/events',
        topic,
        summary: 'Follow a batch',
        description: `\`batch\`: how far it has come; at the beginning, and once a second at most. \`job\` and \`removed\` as of all jobs. Ends when the batch is deleted. ${RESUMING}`,
        params: { id: idSchema },
        missing: 'batch/not-found',
        query: eventQuerySchema.shape,
        headers: streamHeaders,
        answers,
        problems: ['batch/not-found', 'events/too-many-streams', 'store/unavailable'],
      },
      async ({ request, response, params, query, headers }) => {
        const { id } = await batches.find(params.id)
        await follow(request, response, { batch: id }, beginOf(headers, query), {
          make: () =>
            batches
              .look(id)
              .then(({ batch, isCurrent }) => ({ text: eventText('batch', batch), isCurrent }), gone),
          onChange: (listener) => batches.onChange((changed) => changed === id && listener()),
        })
      },
    ),

    operation(
      {
        id: 'followJob',
        method: 'get',
        path: '/api/v1/jobs/{id}/events',
        topic,
        summary: 'Follow a job',
        description: `\`job\`: as it is now, and after each change. \`removed\`: it was deleted, and the stream ends. ${RESUMING}`,
        params: { id: idSchema },
        missing: 'job/not-found',
        query: eventQuerySchema.shape,
        headers: streamHeaders,
        answers,
        problems: ['job/not-found', 'events/too-many-streams', 'store/unavailable'],
      },
      async ({ request, response, params, query, headers }) => {
        const job = await jobs.find(params.id)
        if (!job) throw new ProblemError('job/not-found', params.id)
        await follow(request, response, { job: job.id }, beginOf(headers, query, 0))
      },
    ),
  ]

  async function follow(
    request: Request,
    response: Response,
    scope: ChangeScope,
    begin: StreamBegin,
    summary?: Summary,
  ): Promise<void> {
    eventStreams.assertRoom()
    response.type('text/event-stream')
    // nginx would keep events until it has some KB of them.
    response.set({ 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' })
    if (request.method === 'HEAD') {
      response.end()
      return
    }
    response.write(`retry: ${RETRY_MS}\n\n`)
    await eventStreams.follow(sinkOf(response), scope, begin, summary)
  }
}

/** @param first the revision behind which a stream begins that is not told where */
function beginOf(
  { 'last-event-id': lastId }: { 'last-event-id'?: number | undefined },
  { after }: { after?: number | undefined },
  first?: number,
): StreamBegin {
  if (lastId !== undefined) return { after: lastId, isResumed: true }
  return { after: after ?? first, isResumed: false }
}

function sinkOf(response: Response): ClosableSink {
  let hasGone = response.destroyed
  response.once('close', () => {
    hasGone = true
  })
  const isOpen = () => !hasGone && !response.writableEnded
  return {
    get isOpen() {
      return isOpen()
    },
    async send(text) {
      // To one that has gone nothing drains any more.
      if (!isOpen() || response.write(text)) return
      await new Promise<void>((resolve) => {
        const done = () => {
          response.off('drain', done).off('close', done)
          resolve()
        }
        response.on('drain', done).on('close', done)
      })
    },
    close: () => void response.end(),
    onClose: (listener) => void response.once('close', listener),
  }
}

/** Null where there is no such batch any more. */
function gone(error: unknown): null {
  if (error instanceof ProblemError && error.code === 'batch/not-found') return null
  throw error
}
