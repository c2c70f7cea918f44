/** The command `argus` with all that it can do. */
import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { z } from 'zod'
import { Failure } from './api/failure.ts'
import { CommandError, EXIT, type ExitCode, type OnExit, UsageError } from './exit.ts'
import { addJobs } from './jobs/command.ts'
import { printable } from './output/text.ts'
import { addSubmit } from './submit/command.ts'
import { addWatch } from './watch/command.ts'
import { addWorker } from './worker/command.ts'
import { addWorkers } from './workers/command.ts'

const HELP = `
ARGUS_MASTER and ARGUS_TOKEN in the environment stand for --master and --token.

Examples:
  argus submit photos/ --csv results.csv
  argus watch
  argus worker --master http://192.168.1.7:5000 --token-file worker-token`

/**
 * Carries out a command.
 *
 * @param args without the names of Node and the script
 * @returns the exit code; null where a worker runs, which ends the process itself
 */
export async function run(args: readonly string[]): Promise<ExitCode | null> {
  let exit: ExitCode | null = EXIT.done
  const program = new Command('argus')
    .description('Submits photos to an Argus cluster, looks at its jobs, and joins it as a worker.')
    .version(version())
    // Before the commands, which take it over.
    .exitOverride()
    .showHelpAfterError('(--help says more)')
    .addHelpText('after', HELP)
  const onExit: OnExit = (code) => {
    exit = code
  }
  addSubmit(program, onExit)
  addWatch(program, onExit)
  addJobs(program)
  addWorkers(program)
  addWorker(program, onExit)
  try {
    await program.parseAsync(args, { from: 'user' })
    return exit
  } catch (error) {
    return exitOf(error)
  }
}

/** Says what went wrong, in a sentence. */
function exitOf(error: unknown): ExitCode {
  // It has been said. Asking for help or for the version is none.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage
  const isOurs = error instanceof UsageError || error instanceof CommandError || error instanceof Failure
  const message = error instanceof Error ? error.message : String(error)
  const lines = (isOurs ? message : `Something unexpected happened: ${message}`).split('\n')
  for (const line of lines) console.error(`argus: ${printable(line)}`)
  return error instanceof UsageError ? EXIT.usage : EXIT.failed
}

function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version
}
