import { describe, expect, it } from 'vitest'
import { LABELS } from './labels.ts'

describe('LABELS', () => {
  it('has the 1000 classes in the order of their index', () => {
    expect(LABELS.map(({ index }) => index)).toEqual(Array.from({ length: 1000 }, (_, index) => index))
  })

  it('has unique WordNet ids that ascend with the index', () => {
    const ids = LABELS.map(({ wordnetId }) => wordnetId)
    expect(ids).toEqual([...new Set(ids)].sort())
  })

  it('has unique labels, whatever their capitals', () => {
    expect(new Set(LABELS.map(({ label }) => label.toLowerCase())).size).toBe(LABELS.length)
  })

  it('keeps usage examples and separators out of the glosses', () => {
    expect(LABELS.filter(({ gloss }) => /^[;\s]|"|[;\s]$/.test(gloss))).toEqual([])
  })

  it('has spaces, not underscores, in the synonyms', () => {
    expect(LABELS.filter(({ synonyms }) => synonyms.length === 0 || synonyms.join().includes('_'))).toEqual(
      [],
    )
  })

  it.each([
    [0, 'n01440764', 'tench', 'animal'],
    [107, 'n01910747', 'jellyfish', 'animal'],
    [134, 'n02012849', 'crane (animal)', 'animal'],
    [264, 'n02113186', 'Cardigan (animal)', 'animal'],
    [409, 'n02708093', 'analog clock', 'artifact'],
    [474, 'n02963159', 'cardigan (artifact)', 'artifact'],
    [517, 'n03126707', 'crane (artifact)', 'artifact'],
    [549, 'n03291819', 'envelope', 'artifact'],
    [638, 'n03710637', 'maillot', 'artifact'],
    [639, 'n03710721', 'maillot (tank suit)', 'artifact'],
    [805, 'n04254680', 'soccer ball', 'artifact'],
    [918, 'n06785654', 'crossword puzzle', 'communication'],
    [920, 'n06874185', 'traffic light', 'communication'],
  ])('knows class %i', (index, wordnetId, label, category) => {
    expect(LABELS[index]).toMatchObject({ wordnetId, label, category })
  })

  it('keeps all of the words and only the definition', () => {
    expect(LABELS[0]?.synonyms).toEqual(['tench', 'Tinca tinca'])
    // In data.noun, examples follow this one.
    expect(LABELS[972]?.gloss).toBe('a steep high face of rock')
  })
})
