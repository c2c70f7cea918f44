/** What a submit has come to, in words. */
import type { Accuracy } from '@argus/shared'
import { counted, type Paint, percent, printable } from '../output/text.ts'
import type { Refusal, Tally } from './tally.ts'

/** Files that are named for each kind of trouble; the results have all of them. */
const NAMED = 20

export interface SummaryParts {
  readonly tally: Tally
  /** As whoever called the command would write them. */
  readonly files: readonly string[]
  readonly batch: string
  /** Uploads that were sent again because their answers were late. */
  readonly hedged: number
  /** Null where the ends were not waited for. */
  readonly ended: {
    readonly accuracy: Accuracy | null
    /** Photos a second, of this call; null where it had nothing to upload. */
    readonly rate: number | null
  } | null
}

/** @returns lines for a terminal */
export function summaryLines(parts: SummaryParts, paint: Paint): string[] {
  const { tally, files, batch, hedged, ended } = parts
  const { counts, refusals, failures } = tally
  const name = (file: number) => printable(files[file] ?? '')
  const trouble = [
    ...named(
      refusals.map(([file, refusal]) => `${paint('red', 'refused')} ${name(file)}: ${reason(refusal)}`),
    ),
    ...named(failures.map(([file, error]) => `${paint('red', 'failed')} ${name(file)}: ${printable(error)}`)),
  ]
  const again = hedged > 0 ? [`Sent again, as the answer was late: ${counted(hedged, 'upload')}`] : []
  if (!ended) {
    const outcome = `${counted(counts.accepted, 'photo')} uploaded${more(counts.refused, 'refused')}`
    return [...trouble, ...again, `${outcome}. To follow them: argus watch ${batch}`]
  }
  const outcome = [
    `${counts.succeeded.toLocaleString('en')} of ${counted(counts.files, 'photo')} recognised`,
    more(counts.failed, 'failed'),
    more(counts.cancelled, 'cancelled'),
    more(counts.removed, 'deleted'),
    more(counts.refused, 'refused'),
  ].join('')
  const rate = ended.rate === null ? '' : `, ${ended.rate.toFixed(1)} photos/s`
  return [...trouble, ...again, `${outcome}${rate}. Batch ${batch}`, ...accuracyLines(ended.accuracy)]
}

function named(lines: readonly string[]): string[] {
  const left = lines.length - NAMED
  return left > 0 ? [...lines.slice(0, NAMED), `… and ${left.toLocaleString('en')} more`] : [...lines]
}

function reason({ code, title, detail }: Refusal): string {
  const more = detail === undefined || detail === title ? '' : `: ${printable(detail)}`
  return `${printable(title)}${more}${code === undefined ? '' : ` (${printable(code)})`}`
}

function more(count: number, what: string): string {
  return count > 0 ? `, ${count.toLocaleString('en')} ${what}` : ''
}

function accuracyLines(accuracy: Accuracy | null): string[] {
  if (!accuracy) return []
  const { jobs, top1, top5 } = accuracy
  return [
    `Right: ${percent(top1)}, among the first five ${percent(top5)}, of ${counted(jobs, 'photo')} with a truth`,
  ]
}
