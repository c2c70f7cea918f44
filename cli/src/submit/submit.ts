/** `argus submit`: photos to the master as one batch, and what was recognised in them back. */
import { fetchBatch, fetchBatchJobs } from '../api/calls.ts'
import { Failure } from '../api/failure.ts'
import { Hedge } from '../api/hedge.ts'
import type { Master } from '../api/master.ts'
import { LASTING_PATIENCE_MS, type Patience, withRetries } from '../api/retry.ts'
import { EXIT, type ExitCode } from '../exit.ts'
import { Interruption } from '../interruption.ts'
import { masterOf } from '../options.ts'
import { counted, painter, printable } from '../output/text.ts'
import { BatchWatch } from './batch-watch.ts'
import { journalPath } from './journal.ts'
import { planOf, type SubmitOptions, type SubmitPlan } from './options.ts'
import { collectFiles, type PhotoFile } from './paths.ts'
import { Progress } from './progress.ts'
import { ResultWriter } from './results.ts'
import { openSession, type Session } from './session.ts'
import { type SummaryParts, summaryLines } from './summary.ts'
import { Tally } from './tally.ts'
import { uploadFiles } from './uploads.ts'

/** Files that a warning names. */
const NAMED = 5

interface Submission {
  readonly master: Master
  readonly options: SubmitOptions
  readonly plan: SubmitPlan
  readonly files: readonly PhotoFile[]
  readonly tally: Tally
  readonly progress: Progress
  readonly signal: AbortSignal
}

/** @throws UsageError, CommandError or Failure */
export async function submit(paths: readonly string[], options: SubmitOptions): Promise<ExitCode> {
  const plan = await planOf(options)
  const files = await collectFiles(paths)
  const tally = new Tally(files.length)
  const progress = new Progress(tally, options.wait)
  const interruption = new Interruption()
  const { signal } = interruption
  const submission: Submission = { master: masterOf(options), options, plan, files, tally, progress, signal }
  let session: Session | null = null
  try {
    warnOfMissingTruths(submission)
    session = await begin(submission)
    const summary = await carryOut(submission, session)
    // Everything has come to its end: the same command is to begin anew.
    await session.journal.remove()
    progress.stop()
    for (const line of summaryLines(summary, painter(process.stderr))) progress.say(line)
    const { succeeded, accepted } = tally.counts
    return (options.wait ? succeeded : accepted) === files.length ? EXIT.done : EXIT.failed
  } catch (error) {
    if (session && !isBatchClosed(error)) progress.say(stopped(tally, session))
    if (interruption.exit === null) throw error
    return interruption.exit
  } finally {
    progress.stop()
    session?.journal.close()
    interruption.close()
  }
}

function warnOfMissingTruths({ options: { truth }, plan: { truths }, files, progress }: Submission): void {
  const missing = truth === undefined ? [] : files.filter(({ name }) => !truths.has(name))
  if (missing.length === 0) return
  const names = missing.slice(0, NAMED).map(({ shown }) => printable(shown))
  const more = missing.length > NAMED ? ', …' : ''
  progress.say(`${truth} has no truth for ${counted(missing.length, 'photo')}: ${names.join(', ')}${more}`)
}

async function begin(submission: Submission): Promise<Session> {
  const { master, options, plan, files, tally, progress, signal } = submission
  const { truths } = plan
  const session = await openSession({
    master,
    path: journalPath({ master: master.url, options: { ...plan.batch, ...plan.photo }, files, truths }),
    options: plan.batch,
    restart: options.restart === true,
    signal,
    say: (text) => progress.say(text),
    onRetry: patienceOf(submission).onRetry,
  })
  for (const [file, job] of session.accepted) tally.accept(file, job)
  if (session.accepted.size > 0) {
    progress.say(
      `Going on with batch ${session.batch.id}: ${session.accepted.size} of ${counted(files.length, 'photo')} are with the master already.`,
    )
  }
  return session
}

async function carryOut(submission: Submission, session: Session): Promise<SummaryParts> {
  const { options, files, tally, progress, signal, master } = submission
  const { batch, accepted } = session
  const summary = { tally, files: files.map(({ shown }) => shown), batch: batch.id }
  if (!options.wait) {
    const hedged = await upload(submission, session)
    process.stdout.write(`${batch.id}\n`)
    return { ...summary, hedged, ended: null }
  }
  const watch = new BatchWatch({
    master,
    batch: batch.id,
    tally,
    signal,
    onLost: (why) => progress.noteOutage(why?.title ?? 'The connection to the master is lost', why?.message),
  })
  try {
    const startedAt = Date.now()
    const hedged = await upload(submission, session)
    await watch.ended()
    const seconds = (Date.now() - startedAt) / 1000
    const uploaded = tally.counts.accepted - accepted.size
    const patience = patienceOf(submission)
    const { accuracy } = await withRetries(() => fetchBatch(master, batch.id, signal), patience)
    await deliver(submission, batch.id)
    return { ...summary, hedged, ended: { accuracy, rate: uploaded > 0 ? uploaded / seconds : null } }
  } finally {
    watch.close()
  }
}

/** @returns how many uploads were sent again because their answers were late */
async function upload(submission: Submission, { journal, batch, accepted }: Session): Promise<number> {
  const { options, plan, files, master, tally, signal } = submission
  const left = [...files.entries()].filter(([place]) => !accepted.has(place))
  const hedge = options.hedge ? new Hedge(signal) : null
  try {
    await uploadFiles(left, options.concurrency, {
      master,
      batch,
      journal,
      tally,
      options: plan.photo,
      truths: plan.truths,
      hedge,
      signal,
      onRetry: patienceOf(submission).onRetry,
    })
    return hedge?.hedged ?? 0
  } finally {
    hedge?.close()
  }
}

/** Writes the results where they are wanted: jobs in the order of the master's list, then files without a job. */
async function deliver(submission: Submission, batch: string): Promise<void> {
  const { master, plan, files, tally, progress, signal } = submission
  const shown = (place: number) => files[place]?.shown ?? ''
  // Its last drawing would come between the lines.
  if (plan.targets.length > 0) progress.stop()
  for (const target of plan.targets) {
    const writer = await ResultWriter.open(target)
    const written = new Set<string>()
    const writeJobs = async () => {
      for await (const job of fetchBatchJobs(master, batch, signal)) {
        const place = tally.fileOf(job.id)
        // The list began anew after its connection was lost; or somebody else submitted it into the batch.
        if (written.has(job.id) || place === undefined) continue
        await writer.write({ file: shown(place), job })
        written.add(job.id)
      }
    }
    await withRetries(writeJobs, patienceOf(submission))
    for (const [place, { code, title, detail }] of tally.refusals) {
      await writer.write({ file: shown(place), refused: { code, title, detail } })
    }
    await writer.close()
  }
}

function patienceOf({ progress, signal }: Submission): Required<Patience> {
  const onRetry = ({ title, message }: Failure) => progress.noteOutage(title, message)
  return { outageMs: LASTING_PATIENCE_MS, signal, onRetry }
}

/** It takes no more photos: there is nothing to go on with. */
function isBatchClosed(error: unknown): boolean {
  return error instanceof Failure && error.code?.startsWith('batch/') === true
}

function stopped(tally: Tally, { batch }: Session): string {
  const { accepted, files } = tally.counts
  const isWith = `${accepted} of ${counted(files, 'photo')} are with the master, which goes on with them.`
  return `Stopped: ${isWith} The same command once more goes on here, in the same batch ${batch.id}.`
}
