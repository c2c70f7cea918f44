/** `/metrics`: the figures of the master and its workers, for Prometheus to gather. */
import type { Metrics } from '../metrics/metrics.ts'
import { type Operation, operation } from './operation.ts'

export function metricsOperations(metrics: Pick<Metrics, 'type' | 'page'>): Operation[] {
  return [
    operation(
      {
        id: 'getMetrics',
        method: 'get',
        path: '/metrics',
        topic: 'statistics',
        summary: 'Get metrics for Prometheus',
        description:
          'Counters and histograms begin at 0 with the start of the master; what outlasts it is in the statistics. It answers also while the database is away.',
        answers: { 200: { description: 'In the text format of Prometheus.', types: ['text/plain'] } },
      },
      async ({ response }) => {
        const page = await metrics.page()
        response.set('Content-Type', metrics.type).send(page)
      },
    ),
  ]
}
