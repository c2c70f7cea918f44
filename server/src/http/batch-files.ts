/** Receives the photos of a batch from one form. A photo that is refused does not keep the others from being taken. */
import {
  type AcceptedFile,
  type BatchOptions,
  batchOptionsSchema,
  MAX_BATCH_FILES,
  PROBLEMS,
  ProblemError,
  type RefusedFile,
} from '@argus/shared'
import type { Request } from 'express'
import type { MadeBatch } from '../jobs/batch-service.ts'
import { describe, type PhotoIntake } from './photo-intake.ts'
import type { TellProblem } from './problem.ts'
import { formFields, withFields } from './submit-request.ts'
import { displayName } from './upload.ts'
import { writeUpload } from './upload-file.ts'
import { type FormFields, type FormFile, receiveForm } from './upload-form.ts'

export interface BatchFilesParts {
  readonly intake: PhotoIntake
  readonly tellProblem: TellProblem
  readonly maxUploadBytes: number
  /** Makes the batch, when all that is to be known of it is. */
  readonly create: (options: BatchOptions) => Promise<MadeBatch>
}

export interface ReceivedFiles extends MadeBatch {
  readonly accepted: AcceptedFile[]
  readonly refused: RefusedFile[]
}

/**
 * Reads the form to its end, and takes what can be taken. Options have to come before the first photo.
 *
 * @param query the options that came in the address
 * @param idempotencyKey by which each photo is known, should the request be repeated
 * @param signal ends it, with its reason
 * @throws ProblemError where not a single photo was taken, and the form is at fault
 */
export async function receiveBatchFiles(
  request: Request,
  query: BatchOptions,
  idempotencyKey: string | undefined,
  signal: AbortSignal,
  { intake, tellProblem, maxUploadBytes, create }: BatchFilesParts,
): Promise<ReceivedFiles> {
  const accepted: AcceptedFile[] = []
  const refused: RefusedFile[] = []
  /** Those under which the batch was made. */
  let given: { readonly options: BatchOptions; readonly fields: FormFields } | undefined
  let making: Promise<MadeBatch> | undefined

  const begin = (fields: FormFields) => {
    given ??= { options: withFields(batchOptionsSchema, query, fields), fields }
    making ??= create(given.options)
    // Whoever awaits it hears of it; but the file may be refused before.
    making.catch(() => undefined)
    return { options: given.options, made: making }
  }
  const refuse = (file: number, fileName: string | null, error: unknown) => {
    const { code, message } = tellProblem(error, request)
    const { title } = PROBLEMS[code]
    refused.push({ file, fileName, code, title, ...(message !== title && { detail: message }) })
  }
  const take = async ({ number, name, stream }: FormFile, fields: FormFields) => {
    const { options, made } = begin(fields)
    const fileName = displayName(name)
    try {
      intake.assertRoom()
      const { batch } = await made
      const { job } = await intake.take(async (path) => ({
        ...describe(options, batch, batch.owner),
        ...(await writeUpload(stream, path, maxUploadBytes)),
        fileName,
        idempotencyKey: idempotencyKey && `${batch.id}/${number}`,
      }))
      accepted.push({ file: number, fileName, job: job.id })
    } catch (error) {
      refuse(number, fileName, error)
      // What is left of it: the next file comes behind.
      stream.resume()
    }
  }

  let next = 0
  try {
    const { fields, hasSurplus } = await receiveForm(
      request,
      {
        fields: formFields(batchOptionsSchema.shape),
        maxFiles: MAX_BATCH_FILES,
        refusesSurplus: false,
        onFile: (file, fields) => {
          next = file.number + 1
          return take(file, fields)
        },
      },
      signal,
    )
    begin(fields)
    if (Object.keys(fields).length > Object.keys(given?.fields ?? {}).length) {
      throw new ProblemError('request/malformed-upload', 'Options have to come before the first photo.')
    }
    if (hasSurplus) {
      const detail = `Of one request ${MAX_BATCH_FILES.toLocaleString('en')} are taken: this one and those behind it were not looked at.`
      refuse(next, null, new ProblemError('batch/too-many-files', detail))
    }
  } catch (error) {
    // Whoever hears only of the fault would send again what has been taken.
    if (accepted.length === 0) throw error
    refuse(Math.max(1, next), null, error)
  }
  const byNumber = (a: { file: number }, b: { file: number }) => a.file - b.file
  const made = await begin({}).made
  return { ...made, accepted: accepted.sort(byNumber), refused: refused.sort(byNumber) }
}
