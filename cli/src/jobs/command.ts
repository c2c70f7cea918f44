/** `argus jobs`: lists jobs. */
import { JOB_SORTS, JOB_STATUSES, type Job, type JobPage, type JobQuery, jobQuerySchema } from '@argus/shared'
import { type Command, Option } from 'commander'
import { fetchJobs } from '../api/calls.ts'
import type { Master, Query } from '../api/master.ts'
import { FIRST_PATIENCE_MS, withRetries } from '../api/retry.ts'
import { addMasterOptions, checkOptions, type MasterOptions, masterOf, repeatable } from '../options.ts'
import { localTime, outcome } from '../output/job-text.ts'
import { type Column, table } from '../output/table.ts'

/** The most jobs of one page. */
const PAGE = '100'

type Filters = Readonly<Partial<Record<keyof JobQuery, string | readonly string[]>>>
type JobsOptions = MasterOptions & Filters & { readonly all?: true; readonly json?: true }

const COLUMNS: readonly Column<Job>[] = [
  { head: 'Submitted', text: ({ submittedAt }) => localTime(new Date(submittedAt)) },
  { head: 'Status', text: ({ status }) => status },
  { head: 'File', text: ({ fileName }) => fileName },
  { head: 'Recognised', text: outcome },
  { head: 'Worker', text: ({ worker }) => worker ?? '' },
  { head: 'Owner', text: ({ owner }) => owner },
  { head: 'Id', text: ({ id }) => id },
]

const HELP = `
Examples:
  argus jobs
  argus jobs --status FAILED --status CANCELLED --owner ada
  argus jobs --class guitar --tag trip=Rome --sort=-ended --limit 50
  argus jobs --submitted-after 2026-05-01T00:00:00Z --all --json > may.ndjson`

export function addJobs(program: Command): void {
  const command = program
    .command('jobs')
    .summary('list jobs')
    .description('Lists the jobs for which all filters hold.')
  addMasterOptions(command)
    .option(
      '--status <status>',
      `${JOB_STATUSES.join(', ')}; may come several times, for any of them`,
      repeatable,
    )
    .option('--class <class>', 'label or WordNet id of the best class, or the beginnings of words of one')
    .option('--file-name <beginning>', 'how the name of the file begins')
    .option('--batch <id>', 'the batch that it belongs to')
    .option('--worker <name>', 'the worker of its last attempt')
    .option('--owner <name>', 'whose it is')
    .option('--tag <name=value>', 'a tag that it has; may come several times, for all of them', repeatable)
    .option('--submitted-after <time>', 'submitted then or later, e.g. 2026-05-01T12:00:00Z')
    .option('--submitted-before <time>', 'submitted earlier')
    .option('--ended-after <time>', 'ended then or later')
    .option('--ended-before <time>', 'ended earlier')
    .option('--sort <order>', `${JOB_SORTS.join(', ')}; a minus stands for the latest first`)
    .option('--limit <number>', `how many, up to ${PAGE}; 20 by default`)
    .addOption(new Option('--all', 'all of them').conflicts('limit'))
    .option('--json', 'as JSON, one job a line')
    .addHelpText('after', HELP)
    .action(jobs)
}

async function jobs({ master, token, all, json, ...filters }: JobsOptions): Promise<void> {
  checkOptions(jobQuerySchema, filters)
  const query: Query = all ? { ...filters, limit: PAGE } : filters
  const listed: Job[] = []
  let last: JobPage | null = null
  for await (const page of pages(masterOf({ master, ...(token !== undefined && { token }) }), query)) {
    if (json) for (const job of page.jobs) process.stdout.write(`${JSON.stringify(job)}\n`)
    else listed.push(...page.jobs)
    last = page
    if (!all) break
  }
  if (json || !last) return
  process.stdout.write(listed.length > 0 ? `${table(COLUMNS, listed)}\n` : 'There are no such jobs.\n')
  if (last.next !== null) {
    const total = last.total === null ? '' : ` of ${last.total.toLocaleString('en')}`
    console.error(`${listed.length}${total} jobs; --all lists all of them.`)
  }
}

async function* pages(master: Master, query: Query): AsyncGenerator<JobPage> {
  let cursor: string | null = null
  do {
    const request: Query = cursor === null ? query : { ...query, cursor }
    const page = await withRetries(() => fetchJobs(master, request), { outageMs: FIRST_PATIENCE_MS })
    yield page
    cursor = page.next
  } while (cursor !== null)
}
