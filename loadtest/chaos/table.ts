/** Outcomes as a Markdown table. */
import { availableParallelism, cpus, release, totalmem } from 'node:os'
import type { Outcome } from './run.ts'

const HEAD = ['scenario', 'what was done', 'must hold', 'measured', 'holds']

export function table(outcomes: readonly Outcome[]): string {
  return [line(HEAD), line(HEAD.map(() => '---')), ...outcomes.map(row)].join('\n')
}

export function row({ scenario, store, done, measured, broken, tooSlow, holds }: Outcome): string {
  const failures = [...broken, ...tooSlow].map((what) => `**not: ${what}**`)
  const verdict = holds === null ? 'not run' : holds ? 'yes' : 'no'
  return line([
    `${scenario.title} (${store})`,
    done,
    scenario.mustHold,
    [measured, ...failures].filter(Boolean).join('; '),
    verdict,
  ])
}

/** What the numbers were measured on. */
export function machine(): string {
  const gigabytes = (totalmem() / 2 ** 30).toFixed(0)
  const model = cpus()[0]?.model.trim() || process.arch
  return `${availableParallelism()} cores (${model}), ${gigabytes} GB, ${process.platform} ${release()}, Node ${process.version}`
}

function line(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`
}
