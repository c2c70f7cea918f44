/**
 * Words for zod schemas, in Markdown: what a message is, a table of its fields, and one for each variant of a
 * union.
 *
 * The way is by JSON Schema, which has few keywords. One that has no words here ends the run, so that no limit
 * is left out.
 */
import { z } from 'zod'

/** Schemas that have a section of their own, each with the link to it. */
export type Links = ReadonlyMap<z.core.$ZodType, string>

type Node = z.core.JSONSchema.JSONSchema

interface Wording {
  /** A noun that takes an s. */
  readonly type: string
  readonly limits: readonly string[]
}

interface Row extends Wording {
  readonly field: string
  readonly required: boolean
  readonly meaning: string
}

interface Table {
  readonly caption?: string
  readonly rows: Row[]
}

const PATTERNS = new Map([['^[0-9a-f]{64}$', '64 hexadecimal digits, in lower case']])

const FORMATS = new Map([
  ['uuid', 'UUID'],
  ['date-time', 'ISO 8601 time'],
])

/**
 * Says what a message is and which fields it has.
 *
 * @param name names it where it cannot be rendered
 * @throws Error where the schema says something that there are no words for
 */
export function renderShape(name: string, schema: z.ZodType, links: Links = new Map()): string {
  const root = toJsonSchema(schema, links)
  const { type, limits } = wordingOf(root, name)
  const main: Table = { rows: [] }
  const variants: Table[] = []
  addFields(root.type === 'array' ? nodeAt(root.items, name) : root, '', main.rows, variants)
  const tables = [main, ...variants].filter(({ rows }) => rows.length > 0)
  return [`Form: ${[type, ...limits].join(', ')}.`, ...tables.map(renderTable)].join('\n\n')
}

/**
 * Shows an example as JSON; bytes, which JSON has no form for, as their number.
 *
 * @throws Error where the example is none
 */
export function renderExample(name: string, schema: z.ZodType, example: unknown): string {
  const parsed = schema.safeParse(example)
  if (!parsed.success)
    throw new Error(`The example of ${name} does not fit: ${z.prettifyError(parsed.error)}`)
  const json = JSON.stringify(example, (_key, value: unknown) => withoutBytes(value), 2)
  return `\`\`\`json\n${json}\n\`\`\``
}

export function markdownTable(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n')
}

function withoutBytes(value: unknown): unknown {
  return value instanceof Uint8Array ? `<${counted(value.byteLength, 'byte')}>` : value
}

function toJsonSchema(schema: z.ZodType, links: Links): Node {
  const others = new Map(links)
  others.delete(schema)
  const { $defs = {}, ...root } = z.toJSONSchema(schema, {
    // They come as nothing, which there are no words for, unless their metadata say more.
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      const link = others.get(zodSchema)
      if (link !== undefined) jsonSchema.$ref = link
    },
  })
  return inlined(root, $defs)
}

/** Puts schemas that have a name in the REST API's document where they are referred to. */
function inlined(node: Node, definitions: Readonly<Record<string, Node>>): Node {
  const text = JSON.stringify(node, (_key, value: unknown) => {
    const name = /^#\/\$defs\/(.+)$/.exec(String((value as Node | null)?.$ref))?.[1]
    if (name === undefined) return value
    const { id: _id, ...definition } = definitions[name] ?? {}
    if (definition.$ref !== undefined) return { ...(value as Node), $ref: definition.$ref }
    return { ...definition, ...(value as Node), $ref: undefined }
  })
  const { id: _id, ...whole } = JSON.parse(text) as Node
  return whole
}

function wordingOf(node: Node, at: string): Wording {
  if (node.$ref !== undefined) return { type: node.$ref, limits: [] }
  const value = withoutNull(node)
  if (value !== node) {
    const { type, limits } = wordingOf(value, at)
    return { type: `${type} or null`, limits }
  }
  if (node.anyOf) return unionWording(node, node.anyOf, at)
  if (node.oneOf) {
    expectOnly(node, at, ['oneOf'])
    for (const option of node.oneOf) objectWording(option, at)
    const variants = `one of ${node.oneOf.length} variants, told apart by \`${tagOf(node.oneOf, at)}\``
    return { type: 'object', limits: [variants] }
  }
  if (node.format === 'binary') {
    expectOnly(node, at, ['format', 'maxLength'])
    return { type: 'byte string', limits: between(undefined, node.maxLength, 'byte') }
  }
  switch (node.type) {
    case 'boolean':
      expectOnly(node, at, [])
      return { type: 'boolean', limits: [] }
    case 'integer':
    case 'number':
      return { type: node.type, limits: numberLimits(node, at) }
    case 'string':
      return stringWording(node, at)
    case 'array':
      return node.prefixItems ? tupleWording(node, node.prefixItems, at) : arrayWording(node, at)
    case 'object':
      return objectWording(node, at)
    default:
      throw noWords(node, at)
  }
}

/** Of simple values: those of an object are told apart by one of its fields. */
function unionWording(node: Node, options: NonNullable<Node['anyOf']>, at: string): Wording {
  expectOnly(node, at, ['anyOf'])
  const nodes = options.map((option) => nodeAt(option, at))
  const types = [...new Set(nodes.map(({ type }) => String(type)))]
  if (nodes.some(({ type }) => type === 'object' || type === 'array')) throw noWords(node, at)
  if (nodes.every((option) => option.const !== undefined)) {
    return { type: types.join(' or '), limits: [`one of ${codeList(nodes.map((option) => option.const))}`] }
  }
  const limits = nodes.flatMap((option) => wordingOf(option, at).limits)
  return { type: types.join(' or '), limits }
}

function numberLimits(node: Node, at: string): string[] {
  expectOnly(node, at, ['minimum', 'maximum', 'exclusiveMinimum'])
  const { exclusiveMinimum: above } = node
  // Every integer has the limits of JavaScript.
  const [minimum, maximum] = [node.minimum, node.maximum].map((limit) =>
    Math.abs(limit ?? 0) === Number.MAX_SAFE_INTEGER ? undefined : limit,
  )
  return [...(above === undefined ? [] : [`above ${above}`]), ...between(minimum, maximum)]
}

function stringWording(node: Node, at: string): Wording {
  expectOnly(node, at, ['const', 'enum', 'format', 'pattern', 'minLength', 'maxLength'])
  const { const: constant, enum: choices, format, pattern } = node
  const limits = between(node.minLength, node.maxLength, 'character')
  if (format !== undefined) {
    const type = FORMATS.get(format)
    if (type === undefined) throw noWords(node, at)
    return { type, limits }
  }
  if (constant !== undefined) limits.push(`always \`${constant}\``)
  if (choices) limits.push(`one of ${codeList(choices)}`)
  if (pattern !== undefined) limits.push(PATTERNS.get(pattern) ?? `matches \`${pattern}\``)
  return { type: 'string', limits }
}

function arrayWording(node: Node, at: string): Wording {
  expectOnly(node, at, ['items', 'minItems', 'maxItems'])
  const { type, limits } = wordingOf(nodeAt(node.items, at), at)
  if (type.includes(' or ')) throw noWords(node, at)
  return {
    type: `array of ${type}s`,
    limits: [...between(node.minItems, node.maxItems, 'item'), ...limits.map((limit) => `each ${limit}`)],
  }
}

function tupleWording(node: Node, items: NonNullable<Node['prefixItems']>, at: string): Wording {
  expectOnly(node, at, ['prefixItems', 'items', 'minItems', 'maxItems'])
  if (node.items !== false || node.minItems !== items.length) throw noWords(node, at)
  const [first, ...others] = items.map((item) => wordingOf(nodeAt(item, at), at))
  if (!first || [first, ...others].some(({ type, limits }) => type !== first.type || limits.length > 0))
    throw noWords(node, at)
  return { type: `array of ${first.type}s`, limits: [`exactly ${counted(items.length, 'item')}`] }
}

function objectWording(node: Node, at: string): Wording {
  if (!node.propertyNames) {
    expectOnly(node, at, ['properties', 'required', 'additionalProperties'])
    if (node.additionalProperties !== false) throw noWords(node, at)
    return { type: 'object', limits: [] }
  }
  expectOnly(node, at, ['propertyNames', 'required', 'additionalProperties'])
  const keys = nodeAt(node.propertyNames, at).enum
  const { type, limits } = wordingOf(nodeAt(node.additionalProperties, at), at)
  if (!keys && type === 'string') return { type: 'object', limits: ['any names, each with a string'] }
  if (!keys || keys.length !== node.required?.length || type.includes('object')) throw noWords(node, at)
  return { type: 'object', limits: [`for each of ${codeList(keys)}: ${[type, ...limits].join(', ')}`] }
}

/** Adds the fields beneath a node to the rows, and a table for each variant. */
function addFields(node: Node, path: string, rows: Row[], variants: Table[]): void {
  const value = withoutNull(node)
  if (value.$ref !== undefined) return
  if (value.oneOf) {
    addVariants(value.oneOf, path, variants)
  } else if (value.type === 'array' && !value.prefixItems) {
    addFields(nodeAt(value.items, path), `${path}[]`, rows, variants)
  }
  for (const [name, property] of Object.entries(value.properties ?? {})) {
    const field = joined(path, name)
    const child = nodeAt(property, field)
    const required = value.required?.includes(name) ?? false
    rows.push({ ...wordingOf(child, field), field, required, meaning: child.description ?? '' })
    addFields(child, field, rows, variants)
  }
}

function addVariants(options: readonly Node[], path: string, variants: Table[]): void {
  const tag = tagOf(options, path)
  for (const option of options) {
    const value = nodeAt(option.properties?.[tag], path).const
    const caption = [`Where \`${joined(path, tag)}\` is \`${value}\`:`, option.description ?? '']
      .join(' ')
      .trim()
    const table: Table = { caption, rows: [] }
    variants.push(table)
    addFields(option, path, table.rows, variants)
  }
}

/** The property whose value is a constant in each variant. */
function tagOf(variants: readonly Node[], at: string): string {
  const constantOf = (variant: Node, name: string) => nodeAt(variant.properties?.[name] ?? {}, at).const
  const names = Object.keys(variants[0]?.properties ?? {})
  const tag = names.find((name) => variants.every((variant) => constantOf(variant, name) !== undefined))
  if (tag === undefined) throw noWords({ oneOf: [...variants] }, at)
  return tag
}

/** A column in which nothing stands is left out. */
function renderTable({ caption, rows }: Table): string {
  const columns: [string, (row: Row) => string][] = [
    ['Field', ({ field }) => `\`${field}\``],
    ['Type', ({ type }) => type],
    ['Limits', ({ limits }) => limits.join('; ')],
    ['Required', ({ required }) => (required ? 'yes' : 'no')],
    ['Meaning', ({ meaning }) => meaning],
  ]
  const used = columns.filter(([, cellOf]) => rows.some((row) => cellOf(row) !== ''))
  const table = markdownTable(
    used.map(([heading]) => heading),
    rows.map((row) => used.map(([, cellOf]) => cellOf(row))),
  )
  return caption === undefined ? table : `${caption}\n\n${table}`
}

/** The other half of `T | null`, or the node itself. */
function withoutNull(node: Node): Node {
  if (Array.isArray(node.type)) {
    const [type, nothing, ...others] = node.type
    return type && nothing === 'null' && others.length === 0 ? { ...node, type } : node
  }
  const [value, nothing, ...others] = node.anyOf ?? []
  return value && nothing?.type === 'null' && others.length === 0 ? value : node
}

function expectOnly(node: Node, at: string, keywords: readonly string[]): void {
  const known = ['$schema', 'type', 'description', 'example', ...keywords]
  if (Object.keys(node).some((keyword) => !known.includes(keyword))) throw noWords(node, at)
}

function nodeAt(node: z.core.JSONSchema._JSONSchema | Node['items'], at: string): Node {
  if (typeof node !== 'object' || Array.isArray(node)) throw noWords({}, at)
  return node
}

function noWords(node: Node, at: string): Error {
  return new Error(`There are no words for the shape of ${at}: ${JSON.stringify(node)}`)
}

function joined(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}

function codeList(values: readonly unknown[]): string {
  return values.map((value) => `\`${value}\``).join(', ')
}

function between(minimum: number | undefined, maximum: number | undefined, noun?: string): string[] {
  if (minimum !== undefined && maximum !== undefined) {
    const most = counted(maximum, noun)
    return [minimum === maximum ? `exactly ${most}` : `${minimum} to ${most}`]
  }
  if (minimum !== undefined) return [`at least ${counted(minimum, noun)}`]
  if (maximum !== undefined) return [`at most ${counted(maximum, noun)}`]
  return []
}

function counted(count: number, noun?: string): string {
  const number = count.toLocaleString('en')
  if (noun === undefined) return number
  return `${number} ${noun}${count === 1 ? '' : 's'}`
}
