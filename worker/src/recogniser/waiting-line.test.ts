import { describe, expect, it } from 'vitest'
import { UNWATCHED } from '../../testing/unit.ts'
import { WaitingLine } from './waiting-line.ts'

/** Three who wait, and what became of each. */
function threeWaiting() {
  const line = new WaitingLine<string, number>()
  const controllers = { a: new AbortController(), b: new AbortController(), c: new AbortController() }
  const ends: string[] = []
  for (const [name, { signal }] of Object.entries(controllers)) {
    line.wait(name, signal).then(
      (given) => ends.push(`${name} got ${given}`),
      (reason) => ends.push(`${name} left: ${reason}`),
    )
  }
  return { line, controllers, ends }
}

const settle = () => new Promise(setImmediate)

describe('WaitingLine', () => {
  it('serves in the order in which they came', async () => {
    const { line, ends } = threeWaiting()
    expect(line.first).toBe('a')
    expect([line.serve(1), line.serve(2), line.serve(3), line.serve(4)]).toEqual([true, true, true, false])
    await settle()
    expect(ends).toEqual(['a got 1', 'b got 2', 'c got 3'])
    expect(line.first).toBeUndefined()
  })

  it('lets those go who do not want it any more', async () => {
    const { line, controllers, ends } = threeWaiting()
    controllers.b.abort('enough')
    line.serve(1)
    line.serve(2)
    await settle()
    expect(ends).toEqual(['b left: enough', 'a got 1', 'c got 2'])
  })

  it('loses nobody when one that is served leaves in the same breath', async () => {
    const { line, controllers, ends } = threeWaiting()
    line.serve(1)
    controllers.a.abort('enough')
    line.serve(2)
    line.serve(3)
    await settle()
    expect(ends).toEqual(['a got 1', 'b got 2', 'c got 3'])
  })

  it('takes nobody who has left before', async () => {
    const line = new WaitingLine<string, number>()
    await expect(line.wait('a', AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough')
    expect(line.first).toBeUndefined()
  })

  it('sends all away', async () => {
    const { line, ends } = threeWaiting()
    line.dissolve('closed')
    await settle()
    expect(ends).toEqual(['a left: closed', 'b left: closed', 'c left: closed'])
    const late = line.wait('d', UNWATCHED.signal)
    line.serve(1)
    expect(await late).toBe(1)
  })
})
