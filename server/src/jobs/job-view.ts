/** A job as REST and the board show it, made from its record. */
import { type Job, PROBLEMS } from '@argus/shared'
import { LABELS } from '@argus/shared/labels'
import type { JobRecord, StoredResult } from '../store/job-store.ts'

export function toJob(record: JobRecord): Job {
  const path = `/api/v1/jobs/${record.id}`
  return {
    id: record.id,
    status: record.status,
    fileName: record.fileName,
    owner: record.owner,
    image: {
      sha256: record.sha256,
      type: record.imageType,
      bytes: record.bytes,
      width: record.width,
      height: record.height,
      url: `${path}/image`,
    },
    thumbnailUrl: record.thumbnailType ? `${path}/thumbnail` : null,
    submittedAt: toInstant(record.submittedAt),
    startedAt: record.startedAt === null ? null : toInstant(record.startedAt),
    endedAt: record.endedAt === null ? null : toInstant(record.endedAt),
    attempts: record.attempts,
    worker: record.worker,
    result: record.result && toResult(record.result),
    error: record.errorCode && {
      code: record.errorCode,
      title: PROBLEMS[record.errorCode].title,
      detail: record.errorDetail ?? undefined,
    },
  }
}

function toResult(result: StoredResult): Job['result'] {
  return {
    ...result,
    classes: result.classes.flatMap(({ index, probability }) => {
      const label = LABELS[index]
      if (!label) return []
      const { wordnetId, category, gloss } = label
      return { index, wordnetId, label: label.label, category, description: gloss, probability }
    }),
  }
}

function toInstant(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}
