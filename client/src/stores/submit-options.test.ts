import { beforeEach, describe, expect, it, vi } from 'vitest'
import { batchFor, countOptions, optionsNow, useSubmitOptions } from './submit-options.ts'

describe('the batch of photos that are submitted', () => {
  beforeEach(() => {
    // There is no session here to remember anything for.
    vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    useSubmitOptions.setState(useSubmitOptions.getInitialState())
  })

  it('is one where there are several, with the name of their folder', () => {
    expect(batchFor(1, null)).toBeNull()
    expect(batchFor(2, 'Rome')?.name).toBe('Rome')
    expect(batchFor(2, 'Ro\nme ')?.name).toBe('Ro me')
    expect(batchFor(2, 'x'.repeat(300))?.name).toHaveLength(200)
  })

  it('is named by the time where they were in no folder', () => {
    expect(batchFor(2, null)?.name).toMatch(/^Photos of \d+ \w+ \d{4}/)
    expect(batchFor(2, ' ')?.name).toMatch(/^Photos of /)
  })

  it('is another one each time, but with a name the same until it takes no more', () => {
    expect(batchFor(2, 'Rome')).not.toBe(batchFor(2, 'Rome'))
    useSubmitOptions.setState({ batchName: ' Holiday ' })
    const named = batchFor(1, null)
    expect(named?.name).toBe('Holiday')
    expect(batchFor(5, 'Rome')).toBe(named)
    if (named) named.isClosed = true
    expect(batchFor(1, null)).not.toBe(named)
  })

  it('is none where that is switched off', () => {
    useSubmitOptions.setState({ asBatch: false, batchName: 'Holiday' })
    expect(batchFor(9, 'Rome')).toBeNull()
  })

  it('comes with options that leave out what is not said', () => {
    expect(optionsNow()).toEqual({ tags: [], fresh: false })
    expect(countOptions(useSubmitOptions.getState())).toBe(0)
    useSubmitOptions.setState({ owner: ' Ada ', priority: 0, tags: ['a=b', 'c=d'], fresh: true })
    expect(optionsNow()).toEqual({ owner: 'Ada', priority: 0, tags: ['a=b', 'c=d'], fresh: true })
    expect(countOptions(useSubmitOptions.getState())).toBe(5)
  })
})
