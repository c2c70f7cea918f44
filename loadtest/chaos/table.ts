/** Outcomes as a Markdown table. */
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

function line(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`
}
