/** The results of a batch for a spreadsheet: one row a job, the best class and the four behind it. */
import type { Job } from '@argus/shared'

type Cell = string | number | boolean | null

const COLUMNS: Readonly<Record<string, (job: Job) => Cell>> = {
  job: ({ id }) => id,
  file: ({ fileName }) => fileName,
  status: ({ status }) => status,
  class_index: ({ result }) => result?.classes[0]?.index ?? null,
  wordnet_id: ({ result }) => result?.classes[0]?.wordnetId ?? null,
  label: ({ result }) => result?.classes[0]?.label ?? null,
  category: ({ result }) => result?.classes[0]?.category ?? null,
  probability: ({ result }) => result?.classes[0]?.probability ?? null,
  ...Object.fromEntries(
    [2, 3, 4, 5].flatMap((place) => [
      [`label_${place}`, ({ result }: Job) => result?.classes[place - 1]?.label ?? null],
      [`probability_${place}`, ({ result }: Job) => result?.classes[place - 1]?.probability ?? null],
    ]),
  ),
  truth: ({ truth }) => truth?.wordnetId ?? null,
  truth_place: ({ truth }) => truth?.place ?? null,
  error: ({ error }) => error?.code ?? null,
  error_detail: ({ error }) => error?.detail ?? null,
  owner: ({ owner }) => owner,
  worker: ({ worker }) => worker,
  model: ({ result }) => result?.model.name ?? null,
  engine: ({ result }) => result?.engine ?? null,
  reused: ({ reused }) => reused,
  submitted_at: ({ submittedAt }) => submittedAt,
  started_at: ({ startedAt }) => startedAt,
  ended_at: ({ endedAt }) => endedAt,
}

export const RESULT_COLUMNS: readonly string[] = Object.keys(COLUMNS)

/** The cells of one job, in the order of the columns. */
export function resultRow(job: Job): Cell[] {
  return Object.values(COLUMNS).map((cell) => cell(job))
}
