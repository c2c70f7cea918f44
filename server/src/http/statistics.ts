/** `/api/v1/stats`: what the cluster has done in a window of time, and how its machines do just now. */
import { statisticsQuerySchema, statisticsSchema } from '@argus/shared'
import type { MasterFigures } from '../statistics/master-figures.ts'
import type { Statistics } from '../statistics/statistics.ts'
import type { WorkerRegistry } from '../workers/worker-registry.ts'
import { type Operation, operation } from './operation.ts'

export interface StatisticsRoutesParts {
  readonly statistics: Statistics
  readonly masterFigures: MasterFigures
  readonly workers: WorkerRegistry
}

export function statisticsOperations({
  statistics,
  masterFigures,
  workers,
}: StatisticsRoutesParts): Operation[] {
  return [
    operation(
      {
        id: 'getStatistics',
        method: 'get',
        path: '/api/v1/stats',
        topic: 'statistics',
        summary: 'Get statistics',
        description:
          'Of any window of whole minutes, and of steps of it; they outlast restarts, and no restart counts anything twice. Results that were known at submit are counted as `reused`, and are no part of throughput and latency.',
        query: statisticsQuerySchema.shape,
        answers: { 200: { description: 'The statistics.', schema: statisticsSchema } },
        problems: ['store/unavailable', 'store/disk-full'],
      },
      async ({ response, query }) => {
        const activity = await statistics.report(query)
        response.json({ ...activity, master: masterFigures.read(), workers: workers.figures() })
      },
    ),
  ]
}
