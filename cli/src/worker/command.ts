/** `argus worker`: starts a worker on this machine, in this process. */
import { ENGINES } from '@argus/shared'
import { type Command, Option } from 'commander'
import type { OnExit } from '../exit.ts'
import { masterOption, positiveInteger } from '../options.ts'

interface WorkerOptions {
  readonly master: string
  readonly workerToken?: string
  readonly tokenFile?: string
  readonly name?: string
  readonly threads?: number
  readonly prefetch?: string
  readonly engine?: string
}

const MAX_THREADS = 256

const HELP = `
What is not given is as the environment has it: MASTER_URL, WORKER_TOKEN, WORKER_TOKEN_FILE, WORKER_NAME, THREADS,
PREFETCH, ENGINE, CACHE_DIR, LOG_LEVEL. SIGTERM and Ctrl-C let it end what it has begun; a second one ends it at once.

Examples:
  argus worker --master http://192.168.1.7:5000 --token-file worker-token
  WORKER_TOKEN=… argus worker --master http://192.168.1.7:5000 --name attic --threads 2`

export function addWorker(program: Command, onExit: OnExit): void {
  program
    .command('worker')
    .summary('start a worker here')
    .description('Starts a worker on this machine, which recognises photos until it is told to end.')
    .addOption(masterOption())
    .addOption(
      new Option(
        '--worker-token <token>',
        "the workers' token; others on this machine see it here",
      ).conflicts('tokenFile'),
    )
    .option('--token-file <file>', "a copy of the file with the workers' token from the master's data folder")
    .option('--name <name>', 'its name; by default that of this machine')
    .option(
      '--threads <number>',
      'photos that it recognises at once; by default one a core',
      positiveInteger(MAX_THREADS),
    )
    .option('--prefetch <number>', 'photos that it fetches ahead; by default as many')
    .addOption(new Option('--engine <engine>', 'what it computes with').choices(['auto', ...ENGINES]))
    .addHelpText('after', HELP)
    .action(async (options: WorkerOptions, command: Command) => {
      await startWorker(options, command)
      onExit(null)
    })
}

async function startWorker(options: WorkerOptions, command: Command): Promise<void> {
  const { master, workerToken, tokenFile, name, threads, prefetch, engine } = options
  const isMasterSaid = command.getOptionValueSource('master') !== 'default'
  setEnvironment({
    MASTER_URL: isMasterSaid ? master : process.env.MASTER_URL,
    // The token itself would come before its file.
    WORKER_TOKEN: tokenFile === undefined ? workerToken : '',
    WORKER_TOKEN_FILE: tokenFile,
    WORKER_NAME: name,
    THREADS: threads?.toString(),
    PREFETCH: prefetch,
    ENGINE: engine,
  })
  // Loads the engines, which no other command needs; checks the settings; listens for the signals.
  await import('@argus/worker/dist/main.js')
}

/** What is undefined stays as it is. */
function setEnvironment(values: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(values)) if (value !== undefined) process.env[name] = value
}
