/** Query strings that no form makes. */
import type { Random } from '../random.ts'
import { fieldName, option } from './words.ts'

const ODD = [
  '&&&==&',
  '%',
  '%ff=%ff',
  'priority[]=1',
  'priority[x]=1',
  'tag[__proto__]=a%3D1',
  '__proto__[owner]=x',
  'a[b][c][d][e][f][g]=1',
  'owner=a&owner=b',
  'fresh=true&fresh=false',
  'fresh',
  '?',
  'tag=a%3D1&tag=a%3D2',
  'owner=%00',
  'fileName=%ed%a0%80',
  `x=${'y'.repeat(9000)}`,
  Array.from({ length: 1500 }, (_, number) => `${number}=`).join('&'),
  Array.from({ length: 21 }, (_, number) => `tag=t${number}%3D1`).join('&'),
]

/** Of options with odd values, options that do not exist, or nothing of either. */
export function hostileQuery(random: Random): string {
  if (random.chance(0.3)) return random.pick(ODD)
  const pairs = Array.from({ length: 1 + random.below(3) }, () =>
    random.chance(0.2) ? ([fieldName(random), '1'] as const) : option(random),
  )
  return pairs.map((pair) => pair.map(encodeURIComponent).join('=')).join('&')
}
