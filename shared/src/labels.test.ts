import { describe, expect, it } from 'vitest'
import { findClasses, LABELS } from './labels.ts'

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

describe('the classes that a text names', () => {
  /** Their labels, as indexes say nothing to a reader. */
  function labelsOf(text: string): string[] {
    return findClasses(text).map((index) => LABELS[index]?.label ?? 'none')
  }

  it.each(['n02676566', 'N02676566', ' n02676566\n'])('are the one with the WordNet id %j', (id) => {
    expect(findClasses(id)).toEqual([402])
  })

  it('are none with a part of a WordNet id, or one that no class has', () => {
    expect(findClasses('n0267656')).toEqual([])
    expect(findClasses('n026765660')).toEqual([])
    expect(findClasses('n00000000')).toEqual([])
  })

  it('are found by each WordNet id, and by each label', () => {
    for (const { index, label, wordnetId } of LABELS) {
      expect(findClasses(wordnetId)).toEqual([index])
      expect(findClasses(label), label).toContain(index)
      expect(findClasses(label.toUpperCase()), label).toContain(index)
    }
  })

  it('are found by each synonym, with all others that have it', () => {
    for (const { index, synonyms } of LABELS) {
      for (const synonym of synonyms) {
        const others = findClasses(synonym)
        expect(others, synonym).toContain(index)
        expect(others.filter((other) => !isCalled(other, synonym))).toEqual([])
      }
    }
  })

  function isCalled(index: number, name: string): boolean {
    const { label = '', synonyms = [] } = LABELS[index] ?? {}
    return [label, ...synonyms].some((each) => each.toLowerCase() === name.toLowerCase())
  }

  it.each<[string, string[]]>([
    ['acoustic guitar', ['acoustic guitar']],
    ['ACOUSTIC Guitar', ['acoustic guitar']],
    ['  acoustic guitar\t', ['acoustic guitar']],
    ['tinca TINCA', ['tench']],
    ['chow chow', ['chow']],
    ['r.v.', ['recreational vehicle']],
    // Of two things that are called alike, both, and of them the one that has a label of its own.
    ['crane', ['crane (animal)', 'crane (artifact)']],
    ['crane (animal)', ['crane (animal)']],
    ['cardigan', ['Cardigan (animal)', 'cardigan (artifact)']],
  ])('are those that are called %j', (text, labels) => {
    expect(labelsOf(text)).toEqual(labels)
  })

  it('are no others where something is called so', () => {
    // The name of a class, and the beginning of words of others.
    expect(labelsOf('maillot')).toEqual(['maillot', 'maillot (tank suit)'])
    expect(labelsOf('cock')).toEqual(['cock'])
    expect(labelsOf('coc').length).toBeGreaterThan(1)
  })

  it.each<[string, string[]]>([
    ['guitar', ['acoustic guitar', 'electric guitar']],
    ['gui', ['guinea pig', 'acoustic guitar', 'electric guitar', 'guillotine']],
    ['GUI', ['guinea pig', 'acoustic guitar', 'electric guitar', 'guillotine']],
    ['guitar acoustic', ['acoustic guitar']],
    ['gu   elec', ['electric guitar']],
    ['acoustic-guitar', ['acoustic guitar']],
  ])('are those in one of whose names %j begins words', (text, labels) => {
    expect(labelsOf(text)).toEqual(labels)
  })

  it('are none where a word is only inside of others, or words are of several names', () => {
    expect(labelsOf('uitar')).toEqual([])
    expect(labelsOf('guitar piano')).toEqual([])
    // Both are names of one class.
    expect(labelsOf('tench tinca')).toEqual([])
  })

  it.each([
    '',
    ' ',
    '\t\n',
    '.*',
    '^',
    '$',
    '(',
    '[',
    '\\\\',
    '+',
    '?',
    '|',
    '%',
    '_',
    '🏖',
    'no such thing',
    '__proto__',
  ])('are none for %j', (text) => {
    expect(findClasses(text)).toEqual([])
  })

  it('ascend, and come once', () => {
    const found = findClasses('c')
    expect(found.length).toBeGreaterThan(100)
    expect(found).toEqual([...new Set(found)].sort((a, b) => a - b))
  })
})
