import { describe, expect, it } from 'vitest'
import { UsageError } from '../exit.ts'
import { parseTruths, readTruths } from './truth.ts'

const read = (...lines: string[]) => parseTruths(lines.join('\n'), 'labels.csv')

describe('a file of truths', () => {
  it.each([
    ['class_index', '207'],
    ['wordnet_id', 'n02099601'],
    ['truth', '207'],
    ['truth', 'n02099601'],
  ])('may tell the class in the column %s, as %s', (column, value) => {
    expect(read(`file,${column}`, `a.jpg,${value}`)).toEqual(new Map([['a.jpg', value]]))
  })

  it('may have further columns, in any order, and paths', () => {
    const text = '\ufeffwidth, class_index ,File\r\n8,3,photos/a.jpg\r\n\r\n8,4,"b,c.jpg"\r\n'
    expect(parseTruths(text, 'labels.csv')).toEqual(
      new Map([
        ['a.jpg', '3'],
        ['b,c.jpg', '4'],
      ]),
    )
  })

  it.each<[string, string[], string]>([
    ['is empty', [''], 'needs a header row'],
    ['has no header', ['a.jpg,3'], 'needs a header row'],
    ['has no class', ['file,label', 'a.jpg,cat'], 'needs a header row'],
    ['has two classes', ['file,class_index,wordnet_id', 'a.jpg,3,n01491361'], 'in several columns'],
    ['has a class that is none', ['file,class_index', 'a.jpg,3', 'b.jpg,1000'], 'photo 2: "1000"'],
    ['has an id that is none', ['file,wordnet_id', 'a.jpg,n00000000'], 'photo 1: "n00000000"'],
    ['has an index for an id', ['file,wordnet_id', 'a.jpg,3'], 'photo 1: "3"'],
    ['has no name', ['file,class_index', ',3'], 'photo 1: there is no name'],
    ['contradicts itself', ['file,class_index', 'x/a.jpg,3', 'y/a.jpg,4'], 'photo 2: "a.jpg" came before'],
    ['has a short row', ['file,class_index', 'a.jpg'], 'is no CSV file'],
    ['has an open quote', ['file,class_index', '"a.jpg,3'], 'is no CSV file'],
  ])('that %s is refused', (_what, lines, says) => {
    expect(() => read(...lines)).toThrow(UsageError)
    expect(() => read(...lines)).toThrow(says)
  })

  it('that is not there is refused', async () => {
    await expect(readTruths('/nowhere/labels.csv')).rejects.toThrow(
      new UsageError('/nowhere/labels.csv cannot be read (ENOENT).'),
    )
  })
})
