/** The Grafana dashboard, as far as its tests look at it. */
import { readFile } from 'node:fs/promises'
import { z } from 'zod'

const targetSchema = z.object({ refId: z.string(), expr: z.string() })

const panelSchema = z.object({
  id: z.int(),
  type: z.enum(['row', 'stat', 'timeseries', 'table']),
  title: z.string().min(1),
  description: z.string().optional(),
  datasource: z.object({ type: z.string(), uid: z.string() }).optional(),
  gridPos: z.object({ x: z.int(), y: z.int(), w: z.int(), h: z.int() }),
  targets: z.array(targetSchema).default([]),
  fieldConfig: z.object({ defaults: z.looseObject({ unit: z.string().optional() }) }).optional(),
})
export type Panel = z.infer<typeof panelSchema>

const dashboardSchema = z.object({
  schemaVersion: z.int(),
  templating: z.object({ list: z.array(z.object({ name: z.string(), type: z.string() })) }),
  panels: z.array(panelSchema),
})
export type Dashboard = z.infer<typeof dashboardSchema>

export async function readDashboard(): Promise<Dashboard> {
  const text = await readFile(new URL('../grafana/argus.json', import.meta.url), 'utf8')
  return dashboardSchema.parse(JSON.parse(text))
}

/** All expressions, with the durations that Grafana would fill in. */
export function expressionsOf({ panels }: Dashboard): string[] {
  return panels.flatMap(({ targets }) =>
    targets.map(({ expr }) => expr.replace(/\$__(rate_interval|range)/g, '5m')),
  )
}

/** The names of the metrics in an expression. */
export function metricsIn(expression: string): string[] {
  return expression.match(/\b(argus|process|nodejs)_\w+/g) ?? []
}
