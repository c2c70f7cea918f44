import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  type Dashboard,
  expressionsOf,
  metricsIn,
  type Panel,
  readDashboard,
} from '../../testing/dashboard.ts'
import { findPromtool, promtool } from '../../testing/promtool.ts'
import { tempFolder } from '../../testing/unit.ts'

/** Of Grafana's grid. */
const COLUMNS = 24

const dashboard = await readDashboard()
const figures = dashboard.panels.filter(({ type }) => type !== 'row')

function overlap({ gridPos: a }: Panel, { gridPos: b }: Panel): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h
}

/** As a file of rules, which promtool can check. */
function rulesOf(read: Dashboard): string {
  const rules = expressionsOf(read).map((expr, at) => ({ record: `checked:expression:${at}`, expr }))
  // JSON is YAML.
  return JSON.stringify({ groups: [{ name: 'dashboard', rules }] })
}

describe('the dashboard', () => {
  it('has panels that lie beside one another', () => {
    for (const [at, panel] of dashboard.panels.entries()) {
      const { x, w, h } = panel.gridPos
      expect([panel.title, x >= 0 && x + w <= COLUMNS && h > 0]).toEqual([panel.title, true])
      const others = dashboard.panels.slice(at + 1).filter((other) => overlap(panel, other))
      expect([panel.title, others.map(({ title }) => title)]).toEqual([panel.title, []])
    }
  })

  it('has no gaps: every panel but the first row lies right below another', () => {
    for (const { title, gridPos } of dashboard.panels) {
      const above = dashboard.panels.some(({ gridPos: { y, h } }) => y + h === gridPos.y)
      expect([title, above || gridPos.y === 0]).toEqual([title, true])
    }
  })

  it('names each panel once, and says of each what it shows, and in which unit', () => {
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length)
    const titles = figures.map(({ title }) => title)
    expect(new Set(titles).size).toBe(titles.length)
    for (const { title, description, fieldConfig, targets } of figures) {
      expect([title, description?.endsWith('.')]).toEqual([title, true])
      expect([title, typeof fieldConfig?.defaults.unit]).toEqual([title, 'string'])
      expect([title, targets.length > 0]).toEqual([title, true])
    }
  })

  it('takes all from the data source that one chooses', () => {
    expect(dashboard.templating.list).toContainEqual({ name: 'DS_PROMETHEUS', type: 'datasource' })
    for (const { title, datasource } of figures) {
      const chosen = { type: 'prometheus', uid: '$' + '{DS_PROMETHEUS}' }
      expect([title, datasource]).toEqual([title, chosen])
    }
  })

  it('asks for metrics in every expression, of the chosen master', () => {
    for (const expression of expressionsOf(dashboard)) {
      const metrics = metricsIn(expression)
      expect([expression, metrics.length > 0]).toEqual([expression, true])
      expect(expression.split('instance=~"$instance"').length - 1).toBe(metrics.length)
    }
  })

  it.skipIf(findPromtool() === null)('has no expression that Prometheus would not understand', async () => {
    const file = join(await tempFolder(), 'rules.json')
    await writeFile(file, rulesOf(dashboard))
    const { status, output } = promtool(['check', 'rules', file])
    expect([status, output]).toEqual([0, expect.stringContaining(`${expressionsOf(dashboard).length} rules`)])
  })

  it.skipIf(findPromtool() === null)('would be found out where it had one', async () => {
    const file = join(await tempFolder(), 'rules.json')
    await writeFile(file, rulesOf(dashboard).replace('sum(', 'sum(('))
    expect(promtool(['check', 'rules', file]).status).not.toBe(0)
  })
})
