import { beforeEach, describe, expect, it } from 'vitest'
import { LONG_OWNER, type MakeTarget, onEachDatabase, openUntilEnd } from '../../testing/store.ts'
import { classify } from './database-errors.ts'
import { type IdempotencyKey, KEY_LIFE_MS, KeyStore } from './key-store.ts'

const NOW = 1_700_000_000_000
const FIRST: IdempotencyKey = { owner: 'ann', key: 'key', fingerprint: 'f'.repeat(64), madeId: 'first' }
const SECOND: IdempotencyKey = { ...FIRST, madeId: 'second' }

function contract(makeTarget: MakeTarget): void {
  let keys: KeyStore

  beforeEach(async () => {
    keys = new KeyStore(await openUntilEnd(await makeTarget()))
  })

  it('keeps which job a key of an owner has made', async () => {
    await keys.insert(FIRST, NOW)
    expect(await keys.find('ann', 'key', NOW)).toEqual(FIRST)
    expect(await keys.find('ann', 'other', NOW)).toBeNull()
    expect(await keys.find('bob', 'key', NOW)).toBeNull()
  })

  it('tells owners and keys apart that differ in anything at all', async () => {
    const names = [
      'key',
      'Key',
      'KEY',
      'key ',
      ' key',
      'kéy',
      'ke\u0301y',
      '🔑'.repeat(255),
      '🔑'.repeat(254),
      '',
    ]
    const pairs = [...names.map((key) => ['ann', key]), ['Ann', 'key'], ['ann ', 'key'], [LONG_OWNER, 'key']]
    const all = pairs.map(([owner = '', key = ''], number) => ({
      ...FIRST,
      owner,
      key,
      madeId: `job-${number}`,
    }))
    for (const key of all) await keys.insert(key, NOW)
    expect(await Promise.all(all.map(({ owner, key }) => keys.find(owner, key, NOW)))).toEqual(all)
  })

  it('lets only one job take a key', async () => {
    await keys.insert(FIRST, NOW)
    const error = await keys.insert(SECOND, NOW).catch((thrown) => thrown)
    expect(classify(error)).toBe('constraint')
    expect(await keys.find('ann', 'key', NOW)).toEqual(FIRST)
  })

  it('forgets a key after 24 hours, and lets another job take it then, not sooner', async () => {
    await keys.insert(FIRST, NOW)
    const end = NOW + 24 * 60 * 60 * 1000
    expect(await keys.find('ann', 'key', end - 1)).toEqual(FIRST)
    await expect(keys.insert(SECOND, end - 1)).rejects.toThrow()
    expect(await keys.find('ann', 'key', end)).toBeNull()
    await keys.insert(SECOND, end)
    expect(await keys.find('ann', 'key', end)).toEqual(SECOND)
    expect(await keys.find('ann', 'key', end + KEY_LIFE_MS - 1)).toEqual(SECOND)
  })

  it('replaces no other key that has expired, nor another owner’s', async () => {
    const others = [
      { ...FIRST, key: 'other' },
      { ...FIRST, owner: 'bob' },
    ]
    for (const key of [FIRST, ...others]) await keys.insert(key, NOW)
    await keys.insert(SECOND, NOW + KEY_LIFE_MS)
    expect(await Promise.all(others.map(({ owner, key }) => keys.find(owner, key, NOW)))).toEqual(others)
  })

  it('can be told to forget those made before a time', async () => {
    for (const [number, key] of ['a', 'b', 'c'].entries()) await keys.insert({ ...FIRST, key }, NOW + number)
    expect(await keys.forgetBefore(NOW + 1)).toBe(1)
    const left = await Promise.all(['a', 'b', 'c'].map((key) => keys.find('ann', key, NOW)))
    expect(left.map((found) => found?.key)).toEqual([undefined, 'b', 'c'])
    expect(await keys.forgetBefore(NOW + 1)).toBe(0)
  })
}

describe('the key store', () => onEachDatabase(contract))
