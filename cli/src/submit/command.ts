/** How `argus submit` is called. */
import type { Command } from 'commander'
import type { OnExit } from '../exit.ts'
import { addMasterOptions, positiveInteger, repeatable } from '../options.ts'
import type { SubmitOptions } from './options.ts'
import { submit } from './submit.ts'

/** More would only wait for each other. */
const MAX_CONCURRENCY = 256

const HELP = `
Exit code: 0 when all photos were recognised (with --no-wait: uploaded), 1 when some were not, 2 for a wrong call,
130 after Ctrl-C. Whatever stopped it, the same command goes on where it was, for 23 hours.

Examples:
  argus submit photos/
  argus submit --owner ada --tag trip=Rome --priority 5 rome/ more/*.jpg --csv rome.csv
  argus submit photos/ --json | jq -r 'select(.job) | [.file, .job.result.classes[0].label] | @tsv'
  argus submit photos/ --truth labels.csv
  batch=$(argus submit --no-wait photos/) && argus watch "$batch"`

export function addSubmit(program: Command, onExit: OnExit): void {
  const command = program
    .command('submit')
    .summary('submit photos, and wait for what is recognised in them')
    .description('Submits photos as one batch, shows how it gets on, and says what has become of it.')
    .argument('<paths...>', 'files, and folders that are searched with all that is below them')
  addMasterOptions(command)
    .option('--owner <name>', 'whose the photos are; by default your address')
    .option('--name <name>', 'name of the batch')
    .option('--priority <number>', 'from -100 to 100: the higher, the sooner')
    .option('--tag <name=value>', 'a note on every photo; may come several times', repeatable)
    .option('--fresh', 'recognise photos anew whose result is known')
    .option('--truth <file>', 'CSV with the columns "file" and "class_index", "wordnet_id" or "truth"')
    .option('--concurrency <number>', 'uploads at once', positiveInteger(MAX_CONCURRENCY), 8)
    .option('--no-hedge', 'send no upload again only because its answer is late')
    .option('--no-wait', 'return when all photos are uploaded, and print the id of the batch')
    .option('--csv [file]', 'write the results as CSV, by default to standard output')
    .option('--json [file]', 'write the results as JSON, one file a line, by default to standard output')
    .option('--restart', 'begin a new batch, also where an earlier call could be gone on with')
    .addHelpText('after', HELP)
    .action(async (paths: string[], options: SubmitOptions) => onExit(await submit(paths, options)))
}
