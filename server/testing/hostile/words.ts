/** Names and values that someone may have forgotten about. */
import type { Random } from '../random.ts'

/** Where a file of the name of the same value would come to be; nothing may. */
export const ESCAPE_PATH = '/tmp/argus-hostile-escape'

/** Stand for batches that there are: one that takes photos, and one that was cancelled. */
export const OPEN_BATCH = '0be00000-0000-4000-8000-000000000001'
export const CANCELLED_BATCH = '0be00000-0000-4000-8000-000000000002'

const LONG = 10_000

const FILE_NAMES: readonly string[] = [
  '',
  '.',
  '..',
  '../../x',
  '../../../../../../etc/argus-x',
  '..\\..\\x',
  'C:\\Windows\\x',
  '/etc/passwd',
  ESCAPE_PATH,
  '%2e%2e%2fx',
  'nul\0byte.png',
  'control\x01\x07\x1b[31mbytes.png',
  'line\nbreak.png',
  'n'.repeat(LONG),
  // An odd place for a cut: each of these is two units long.
  `x${'\u{1f600}'.repeat(300)}`,
  '\u202egnp.exe',
  '\u{1f600}\u{1f468}\u200d\u{1f469}.jpeg',
  'a"b.png',
  "a'; DROP TABLE jobs; --",
  '<script>alert(1)</script>.png',
  '\ufeff\u200b',
  ' ',
  'CON',
  '__proto__',
]

const FIELD_NAMES = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '',
  'photo',
  'image[]',
  'x'.repeat(2000),
]

const OPTIONS: ReadonlyArray<readonly [name: string, values: readonly string[]]> = [
  ['priority', ['1', '-100', '101', '1e999', 'NaN', '0x10', '', ' ', '1.5', '9'.repeat(400)]],
  ['owner', ['me', '', ' ', '\0', '\u202e', 'o'.repeat(101), 'o'.repeat(5000), '__proto__', '\ud83d\ude00']],
  ['fileName', ['x.png', '', '../../x', '\0', 'f'.repeat(255), 'f'.repeat(5000), ESCAPE_PATH]],
  [
    'tag',
    ['a=1', 'a=', '=', '=1', 'a', 'a=\n', '__proto__=1', 'constructor=x', `a=${'v'.repeat(201)}`, 'ä=1'],
  ],
  [
    'tag',
    ['truth=n02099601', 'truth=207', 'truth=0', 'truth=999', 'truth=1000', 'truth=-1', 'truth=x', 'truth= '],
  ],
  [
    'batch',
    [
      OPEN_BATCH,
      OPEN_BATCH.toUpperCase(),
      CANCELLED_BATCH,
      '6f1f64ac-52a5-4d0c-9a9c-0f0b9d9f4a10',
      'x',
      '',
      '00000000-0000-0000-0000-000000000000',
    ],
  ],
  ['name', ['x', '', ' ', '\0', '\u202e', 'n'.repeat(201), '__proto__', '../../x', '=cmd', ESCAPE_PATH]],
  ['fresh', ['true', 'false', 'TRUE', '1', '']],
]

export function fileName(random: Random): string {
  return random.pick(FILE_NAMES)
}

/** The name of a field that does not exist. */
export function fieldName(random: Random): string {
  return random.pick(FIELD_NAMES)
}

/** An option that exists, with a value that it may or may not have. */
export function option(random: Random): readonly [name: string, value: string] {
  const [name, values] = random.pick(OPTIONS)
  return [name, random.pick(values)]
}

/** For a message: it has to stay readable, and on one line. */
export function shown(text: string): string {
  return JSON.stringify(text.length > 30 ? `${text.slice(0, 30)}… (${text.length})` : text)
}
