/** What is marked on the board. */
import { beforeEach, expect, test } from 'vitest'
import { idOf, makeRow } from '../../testing/job.ts'
import { clearSelection, deselect, toggle, toggleRange, updateSelected, useSelection } from './selection.ts'

const rows = [1, 2, 3, 4, 5].map((number) => makeRow(number))
const [first, second, , fourth] = rows
const marked = () => [...useSelection.getState().selected.values()].map(({ fileName }) => fileName)

beforeEach(() => clearSelection())

test('a job is marked, and no longer', () => {
  if (first === undefined) throw new Error('there are rows')
  toggle(first)
  expect(marked()).toEqual(['1.png'])
  toggle(first)
  expect(marked()).toEqual([])
})

test('a range goes from the one marked last, either way', () => {
  if (second === undefined || fourth === undefined || first === undefined) throw new Error('there are rows')
  toggle(fourth)
  toggleRange(rows, second)
  expect(marked().sort()).toEqual(['2.png', '3.png', '4.png'])
  clearSelection()
  toggleRange(rows, first)
  expect(marked()).toEqual(['1.png'])
})

test('what is pushed changes what is marked, and takes the marks of what is gone', () => {
  for (const row of rows.slice(0, 3)) toggle(row)
  const before = useSelection.getState().selected
  updateSelected([makeRow(5)], [idOf(4)])
  expect(useSelection.getState().selected).toBe(before)
  updateSelected([makeRow(2, { status: 'RUNNING' })], [idOf(1)])
  expect(marked()).toEqual(['2.png', '3.png'])
  expect(useSelection.getState().selected.get(idOf(2))?.status).toBe('RUNNING')
  deselect([idOf(2)])
  expect(marked()).toEqual(['3.png'])
})
