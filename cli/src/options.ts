/** What the commands' options have in common: which master is meant, and checking values by the API's schemas. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { z } from 'zod'
import { Master } from './api/master.ts'
import { UsageError } from './exit.ts'

export interface MasterOptions {
  readonly master: string
  readonly token?: string
}

const urlSchema = z.url({ protocol: /^https?$/ })

const DEFAULT_MASTER = 'http://127.0.0.1:5000'

/** The option that says where the master is. */
export function masterOption(): Option {
  return new Option('--master <url>', 'address of the master')
    .env('ARGUS_MASTER')
    .default(DEFAULT_MASTER)
    .argParser(masterUrl)
}

/** Adds the options that say which master is meant. */
export function addMasterOptions(command: Command): Command {
  return command
    .addOption(masterOption())
    .addOption(
      new Option(
        '--token <token>',
        "the master's token; better in the environment, where others do not see it",
      )
        .env('ARGUS_TOKEN')
        .argParser(token),
    )
}

export function masterOf({ master, token }: MasterOptions): Master {
  return new Master(master, token)
}

/** An empty variable of the environment counts as none, here and below. */
function masterUrl(text: string): string {
  if (text === '') return DEFAULT_MASTER
  const url = urlSchema.safeParse(text).success ? new URL(text) : null
  // `fetch` takes no user and password there.
  if (url === null || `${url.username}${url.password}` !== '') {
    throw new InvalidArgumentError('It has to be like http://192.168.1.7:5000, without a user or password.')
  }
  return text.replace(/\/+$/, '')
}

function token(text: string): string | undefined {
  if (!/^[\x20-\x7e]*$/.test(text)) throw new InvalidArgumentError('It has characters that no token has.')
  return text === '' ? undefined : text
}

/** For an option that may come several times. */
export function repeatable(value: string, before: readonly string[] = []): string[] {
  return [...before, value]
}

/** For an option with a number from 1 on. */
export function positiveInteger(maximum: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : 0
    if (value < 1 || value > maximum) throw new InvalidArgumentError(`It has to be from 1 to ${maximum}.`)
    return value
  }
}

/**
 * Checks options as the master would.
 *
 * @param schema of the API; its names in camelCase are the options' in kebab-case
 * @throws UsageError naming every option that is wrong
 */
export function checkOptions<T>(schema: z.ZodType<T>, values: Readonly<Record<string, unknown>>): T {
  const parsed = schema.safeParse(values)
  if (parsed.success) return parsed.data
  throw new UsageError(
    parsed.error.issues.map(({ path, message }) => `${optionName(path)}: ${message}`).join('\n'),
  )
}

function optionName([name]: readonly PropertyKey[]): string {
  return `--${String(name).replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}
