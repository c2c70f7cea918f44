/** What `argus submit` was called with, checked before anything is sent. */
import { batchOptionsSchema, parseTag, TRUTH_TAG } from '@argus/shared'
import type { Query } from '../api/master.ts'
import { UsageError } from '../exit.ts'
import { checkOptions, type MasterOptions } from '../options.ts'
import { checkTarget, type ResultTarget, resultTarget } from './results.ts'
import { readTruths } from './truth.ts'
import type { PhotoOptions } from './uploads.ts'

/** As commander hands them over. */
export interface SubmitOptions extends MasterOptions {
  readonly owner?: string
  readonly name?: string
  readonly priority?: string
  readonly tag?: readonly string[]
  readonly fresh?: true
  readonly truth?: string
  readonly concurrency: number
  readonly hedge: boolean
  readonly wait: boolean
  readonly csv?: string | true
  readonly json?: string | true
  readonly restart?: true
}

export interface SubmitPlan {
  readonly batch: Query
  readonly photo: PhotoOptions
  /** By base name. */
  readonly truths: ReadonlyMap<string, string>
  readonly targets: readonly ResultTarget[]
}

/** @throws UsageError */
export async function planOf(options: SubmitOptions): Promise<SubmitPlan> {
  const { owner, name, priority, tag, truth, wait } = options
  const fresh = options.fresh ? 'true' : undefined
  if (truth !== undefined && tag?.some((text) => parseTag(text)[0] === TRUTH_TAG)) {
    throw new UsageError(`--truth is the tag "${TRUTH_TAG}": leave out one of them.`)
  }
  const tags = [...(tag ?? []), ...(truth === undefined ? [] : [`${TRUTH_TAG}=0`])]
  checkOptions(batchOptionsSchema, { owner, name, priority, fresh, tag: tags })
  return {
    batch: { owner, name },
    photo: { priority, tag, fresh },
    truths: truth === undefined ? new Map() : await readTruths(truth),
    targets: await targetsOf(options, wait),
  }
}

async function targetsOf({ csv, json }: SubmitOptions, wait: boolean): Promise<ResultTarget[]> {
  const targets = [
    ...(csv === undefined ? [] : [resultTarget('csv', csv)]),
    ...(json === undefined ? [] : [resultTarget('json', json)]),
  ]
  if (!wait && targets.length > 0)
    throw new UsageError('--csv and --json wait for the results: leave out --no-wait.')
  if (targets.length === 2 && targets.every(({ path }) => path === null)) {
    throw new UsageError(
      '--csv and --json cannot both be written to standard output: name a file for one of them.',
    )
  }
  for (const target of targets) await checkTarget(target)
  return targets
}
