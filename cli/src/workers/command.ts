/** `argus workers`: lists the workers. */
import type { WorkerView } from '@argus/shared'
import type { Command } from 'commander'
import { fetchWorkers } from '../api/calls.ts'
import { FIRST_PATIENCE_MS, withRetries } from '../api/retry.ts'
import { addMasterOptions, type MasterOptions, masterOf } from '../options.ts'
import { type Column, table } from '../output/table.ts'

const COLUMNS: readonly Column<WorkerView>[] = [
  { head: 'Name', text: ({ name }) => name },
  { head: 'State', text: ({ state }) => state },
  { head: 'Engine', text: ({ engine }) => engine ?? '' },
  { head: 'Busy', text: ({ busy, slots }) => `${busy}/${slots}`, isNumber: true },
  { head: 'Holds', text: ({ held }) => String(held), isNumber: true },
  { head: 'Images/s', text: ({ imagesPerSecond }) => imagesPerSecond?.toFixed(1) ?? '', isNumber: true },
  { head: 'Id', text: ({ id }) => id },
]

const HELP = `
Example:
  argus workers --master http://192.168.1.7:5000`

export function addWorkers(program: Command): void {
  const command = program
    .command('workers')
    .summary('list the workers')
    .description('Lists the workers that are connected.')
  addMasterOptions(command)
    .option('--json', 'as JSON, one worker a line')
    .addHelpText('after', HELP)
    .action(workers)
}

async function workers({ json, ...options }: MasterOptions & { readonly json?: true }): Promise<void> {
  const listed = await withRetries(() => fetchWorkers(masterOf(options)), { outageMs: FIRST_PATIENCE_MS })
  if (json) for (const worker of listed) process.stdout.write(`${JSON.stringify(worker)}\n`)
  else process.stdout.write(listed.length > 0 ? `${table(COLUMNS, listed)}\n` : 'There are no workers.\n')
}
