import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { EXAMPLES } from '../scripts/protocol-examples.ts'
import { PAGES } from '../scripts/protocol-pages.ts'
import { renderExample, renderShape } from '../scripts/render-protocol.ts'
import { MASTER_TO_WORKER, WORKER_TO_MASTER } from './worker-protocol.ts'

const events = { ...WORKER_TO_MASTER, ...MASTER_TO_WORKER }
const eventNames = Object.keys(events) as (keyof typeof events)[]

describe('the protocol reference', () => {
  it.each(Object.entries(PAGES))('docs/%s says what the source says', (name, render) => {
    const committed = readFileSync(new URL(`../docs/${name}`, import.meta.url), 'utf8')
    expect(committed, 'It is stale: run `npm run protocol --workspace shared`.').toBe(render())
  })

  it.each(eventNames)('has an example of %s that fits', (name) => {
    expect(events[name].schema.safeParse(EXAMPLES[name])).toMatchObject({ success: true })
  })

  it.each(eventNames)('shows %s in its sequence diagram', (name) => {
    const diagram = /```mermaid\n(.*?)```/s.exec(PAGES['worker-protocol.md']?.() ?? '')?.[1]
    expect(diagram).toContain(`: ${name}:`)
  })
})

describe('the renderer', () => {
  const code = z.enum(['a/b', 'c/d'])
  const links = new Map([[code, '[code](#code)']])
  const render = (schema: z.ZodType) => renderShape('the message', schema, links)

  it('says form, limits and meaning, down to nested fields', () => {
    const schema = z.object({
      name: z.string().min(1).max(100).describe('Of the a | b.'),
      sizes: z.array(z.object({ width: z.int().positive() })).max(2_000),
      note: z.string().nullable().optional(),
    })
    expect(render(schema)).toBe(
      [
        'Form: object.',
        '',
        '| Field | Type | Limits | Required | Meaning |',
        '| --- | --- | --- | --- | --- |',
        '| `name` | string | 1 to 100 characters | yes | Of the a \\| b. |',
        '| `sizes` | array of objects | at most 2,000 items | yes |  |',
        '| `sizes[].width` | integer | above 0 | yes |  |',
        '| `note` | string or null |  | no |  |',
      ].join('\n'),
    )
  })

  it('gives each variant of a union a table', () => {
    const schema = z.array(
      z.discriminatedUnion('end', [
        z.object({ end: z.literal('good') }).describe('All is well.'),
        z.object({ end: z.literal('bad'), code: code.describe('Why.') }),
      ]),
    )
    const page = render(schema)
    expect(page).toContain('Form: array of objects, each one of 2 variants, told apart by `end`.')
    expect(page).toContain('Where `end` is `good`: All is well.\n\n| Field |')
    expect(page).toContain('Where `end` is `bad`:\n\n| Field |')
    expect(page).toContain('| `code` | [code](#code) |  | yes | Why. |')
  })

  it.each<[string, z.ZodType]>([
    ['a date', z.object({ at: z.date() })],
    ['bytes without metadata', z.object({ bytes: z.instanceof(Uint8Array) })],
    ['a multiple', z.object({ even: z.number().multipleOf(2) })],
    ['a format', z.object({ at: z.email() })],
    ['a union that nothing tells apart', z.union([z.string(), z.number()])],
    ['an object that is open', z.looseObject({})],
    ['a variant that is open', z.discriminatedUnion('end', [z.looseObject({ end: z.literal('good') })])],
    ['keys that nothing names', z.record(z.string(), z.number())],
    ['keys with objects', z.record(z.enum(['a']), z.object({ at: z.string() }))],
    ['items that may be null', z.array(z.string().nullable())],
    ['a default', z.object({ limit: z.int().default(60) })],
  ])('has no words for %s', (_, schema) => {
    expect(() => render(schema)).toThrow('There are no words for the shape of')
  })

  it('shows no example that does not fit', () => {
    expect(() => renderExample('beat', events.beat.schema, { tickets: [''] })).toThrow('The example of beat')
  })
})
