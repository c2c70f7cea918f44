/** A table without borders. */
import Table from 'cli-table3'
import { printable } from './text.ts'

const EDGES = [
  'top',
  'top-mid',
  'top-left',
  'top-right',
  'bottom',
  'bottom-mid',
  'bottom-left',
  'bottom-right',
]
const LINES = ['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid']
const BORDERS = Object.fromEntries([...EDGES, ...LINES].map((place) => [place, '']))

export interface Column<Row> {
  readonly head: string
  readonly text: (row: Row) => string
  readonly isNumber?: boolean
}

/** @returns the lines of the table, the last one without its end */
export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const drawn = new Table({
    head: columns.map(({ head }) => head),
    colAligns: columns.map(({ isNumber }) => (isNumber ? 'right' : 'left')),
    chars: { ...BORDERS, middle: '  ' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  })
  for (const row of rows) drawn.push(columns.map(({ text }) => printable(text(row))))
  return drawn
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}
