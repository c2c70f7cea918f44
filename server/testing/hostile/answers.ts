/** Reads HTTP answers off a connection, and judges them. */
import { batchReceiptSchema, jobSchema, PROBLEMS, problemSchema } from '@argus/shared'

export interface Answer {
  readonly status: number
  /** Of its media type. */
  readonly type: string
  readonly body: string
}

/**
 * The whole answers in these bytes, without those that only say to go on (100).
 *
 * @throws where they are no HTTP
 */
export function readAnswers(bytes: Buffer): Answer[] {
  const end = bytes.indexOf('\r\n\r\n')
  if (end === -1) return []
  const head = bytes.subarray(0, end).toString('latin1')
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1])
  if (Number.isNaN(status)) throw new Error(`An answer that is no HTTP: ${head.slice(0, 200)}`)
  const bodyEnd = endOfBody(bytes, end + 4, head)
  if (bodyEnd === null) return []
  const body = bytes.subarray(end + 4, bodyEnd).toString()
  const rest = readAnswers(bytes.subarray(bodyEnd))
  return status === 100 ? rest : [{ status, type: headerOf(head, 'content-type'), body }, ...rest]
}

/**
 * What is wrong with an answer to an upload; null where nothing is.
 *
 * @param accepted takes the id of each job that was made of an upload
 */
export function faultOf({ status, type, body }: Answer, accepted: (id: string) => void): string | null {
  const said = `${status} ${type}: ${body.slice(0, 300)}`
  if (status === 201 || status === 202) {
    const ids = jobsIn(parsed(body))
    for (const id of ids ?? []) accepted(id)
    return ids ? null : `neither a job nor a batch in ${said}`
  }
  if (status < 400 || status >= 500) return `an answer that may not be: ${said}`
  const problem = problemSchema.safeParse(parsed(body))
  if (!type.startsWith('application/problem+json') || !problem.success) return `no problem document: ${said}`
  return PROBLEMS[problem.data.code].status === status ? null : `another status than its problem has: ${said}`
}

/** Ids of the jobs that an answer tells of; null where it is none that an upload may get. */
function jobsIn(answer: unknown): string[] | null {
  const job = jobSchema.safeParse(answer)
  if (job.success) return [job.data.id]
  const receipt = batchReceiptSchema.safeParse(answer)
  if (!receipt.success) return null
  const { batch, accepted, refused } = receipt.data
  // A file may be refused for what is wrong with it, and not because the master failed.
  if (refused.some(({ code }) => PROBLEMS[code].status >= 500)) return null
  // There may be more of a batch that its key had made before.
  return accepted.length > batch.total ? null : accepted.map(({ job: id }) => id)
}

/** Null while it is not there yet. A body in chunks, which none of ours is, is left in its chunks. */
function endOfBody(bytes: Buffer, start: number, head: string): number | null {
  if (/chunked/i.test(headerOf(head, 'transfer-encoding'))) {
    const last = bytes.indexOf('0\r\n\r\n', start)
    return last === -1 ? null : last + 5
  }
  const end = start + Number(headerOf(head, 'content-length') || 0)
  return end > bytes.length ? null : end
}

function headerOf(head: string, name: string): string {
  return new RegExp(`\\r\\n${name}: *([^\\r]*)`, 'i').exec(head)?.[1] ?? ''
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return null
  }
}
