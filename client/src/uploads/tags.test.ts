import { MAX_TAGS, tagSchema } from '@argus/shared'
import { describe, expect, it } from 'vitest'
import { tagProblem } from './tags.ts'

describe('a tag', () => {
  it.each([
    'camera=A7',
    'truth=n02676566',
    'a.b-c_d=x=y z',
    'no value=',
    'novalue',
    '=x',
    'sp ace=x',
    `${'n'.repeat(50)}=v`,
    `${'n'.repeat(51)}=v`,
    `n=${'v'.repeat(200)}`,
    `n=${'v'.repeat(201)}`,
    'n=a\nb',
    'ñ=a',
  ])('is judged as the master judges it: %j', (tag) => {
    expect(tagProblem(tag, [])).toBe(tagSchema.safeParse(tag).success ? null : 'form')
  })

  it('may have the name of no other', () => {
    expect(tagProblem('a=2', ['a=1'])).toBe('twice')
    expect(tagProblem('ab=2', ['a=1'])).toBeNull()
  })

  it('comes with so many others at most', () => {
    const tags = Array.from({ length: MAX_TAGS }, (_, at) => `t${at}=x`)
    expect(tagProblem('one=more', tags.slice(1))).toBeNull()
    expect(tagProblem('one=more', tags)).toBe('full')
  })
})
