/** `argus watch`: a line for every change of a job, the moment that it happens. */
import { eventQuerySchema, idSchema } from '@argus/shared'
import type { Command } from 'commander'
import { batchPath } from '../api/calls.ts'
import { followEvents } from '../api/events.ts'
import { type ExitCode, type OnExit, UsageError } from '../exit.ts'
import { Interruption } from '../interruption.ts'
import { addMasterOptions, checkOptions, type MasterOptions, masterOf } from '../options.ts'
import { painter } from '../output/text.ts'
import { eventJson, eventLine } from './lines.ts'

interface WatchOptions extends MasterOptions {
  readonly after?: string
  readonly json?: true
}

const HELP = `
Examples:
  argus watch
  argus watch 0b7c6f6e-5c0a-4f0e-9d0c-0b8f3a0c1d2e --after 0
  argus watch --json | jq -r 'select(.event == "job") | .data.fileName'`

export function addWatch(program: Command, onExit: OnExit): void {
  const command = program
    .command('watch')
    .summary('follow what happens to jobs')
    .description('Prints a line for each change of a job, of one batch or of all, until Ctrl-C ends it.')
    .argument('[batch]', 'id of a batch')
  addMasterOptions(command)
    .option(
      '--after <revision>',
      'begin with the changes after this one; 0 stands for all jobs that there are',
    )
    .option('--json', 'print all events as JSON, one a line')
    .addHelpText('after', HELP)
    .action(async (batch: string | undefined, options: WatchOptions) => onExit(await watch(batch, options)))
}

async function watch(batch: string | undefined, options: WatchOptions): Promise<ExitCode> {
  const { after, json } = options
  if (batch !== undefined && !idSchema.safeParse(batch).success)
    throw new UsageError(`"${batch}" is no id of a batch.`)
  checkOptions(eventQuerySchema, { after })
  const paint = painter(process.stdout)
  const interruption = new Interruption()
  let isLost = false
  try {
    await followEvents(masterOf(options), batch === undefined ? '/events' : `${batchPath(batch)}/events`, {
      after,
      onEvent: (event) => {
        const line = json ? eventJson(event) : eventLine(event, paint)
        if (line !== null) process.stdout.write(`${line}\n`)
      },
      onLost: (why) => {
        if (!isLost) console.error(`${why?.message ?? 'The connection to the master is lost'}. Trying again.`)
        isLost = true
      },
      onConnected: () => {
        if (isLost) console.error('The master is back.')
        isLost = false
      },
      signal: interruption.signal,
    })
  } finally {
    interruption.close()
  }
  // Nothing else ends it without an error.
  return interruption.exit ?? 0
}
