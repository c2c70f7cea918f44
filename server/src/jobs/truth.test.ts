import { ProblemError } from '@argus/shared'
import { LABELS } from '@argus/shared/labels'
import { describe, expect, it } from 'vitest'
import { resolveTruth } from './truth.ts'

const GUITAR = LABELS.find(({ wordnetId }) => wordnetId === 'n02676566')

describe('the truth of a photo', () => {
  it('is not known where no tag names it', () => {
    const tags = { camera: 'A7', Truth: 'n02676566' }
    expect(resolveTruth(tags)).toEqual({ truth: null, tags })
    expect(resolveTruth({})).toEqual({ truth: null, tags: {} })
  })

  it('is a class by its WordNet id, whichever way that is written', () => {
    for (const truth of ['n02676566', 'N02676566']) {
      expect(resolveTruth({ truth, camera: 'A7' })).toEqual({
        truth: GUITAR?.index,
        tags: { truth: 'n02676566', camera: 'A7' },
      })
    }
  })

  it('is a class by its index, which becomes its WordNet id among the tags', () => {
    for (const { index, wordnetId } of LABELS) {
      expect(resolveTruth({ truth: String(index) })).toEqual({ truth: index, tags: { truth: wordnetId } })
    }
  })

  it('leaves the tags that it was given as they were', () => {
    const tags = { truth: '402' }
    resolveTruth(tags)
    expect(tags).toEqual({ truth: '402' })
  })

  it.each([
    '1000',
    '-1',
    '0.5',
    '1e2',
    '0x10',
    ' 3',
    '',
    'guitar',
    'n00000000',
    'n0267656',
    '__proto__',
    'length',
  ])('is no class such as %j', (truth) => {
    expect(() => resolveTruth({ truth })).toThrow(ProblemError)
    expect(() => resolveTruth({ truth })).toThrow(expect.objectContaining({ code: 'request/invalid' }))
  })
})
