/**
 * What requests that submit photos have in common: whose they are, how they may be repeated, and their options,
 * which come as query parameters, as fields of the form, or some as these and some as those.
 */
import { MAX_TAGS, ProblemError } from '@argus/shared'
import type { Request } from 'express'
import { z } from 'zod'
import type { FormFields } from './upload-form.ts'

export interface SubmitLimits {
  readonly maxUploadBytes: number
  readonly minUploadBytesPerSecond: number
}

export const photoBytes = z.string().meta({ contentMediaType: 'application/octet-stream' })

/** Printable ASCII: what a header carries unharmed. */
export const idempotencyKeySchema = z
  .string()
  .regex(/^[\x20-\x7e]{1,255}$/, '1 to 255 printable characters')
  .optional()

/** Whose a photo is that says nothing of it: the client's address. */
export function clientOf(request: Request): string {
  return request.ip ?? 'unknown'
}

/** How often each option may come in a form. */
export function formFields(shape: z.ZodRawShape): Record<string, number> {
  return Object.fromEntries(Object.keys(shape).map((name) => [name, name === 'tag' ? MAX_TAGS : 1]))
}

/**
 * The options of both places.
 *
 * @throws ProblemError `request/invalid` where one comes in both
 * @throws ZodError
 */
export function withFields<T extends Readonly<Record<string, unknown>>>(
  schema: z.ZodType<T>,
  query: T,
  fields: FormFields,
): T {
  const twice = Object.keys(fields).find((name) => query[name] !== undefined)
  if (twice !== undefined) throw new ProblemError('request/invalid', `${twice}: comes in the query as well`)
  const values = Object.entries(fields).map(([name, all]) => [name, name === 'tag' ? all : all[0]])
  return { ...query, ...schema.parse(Object.fromEntries(values)) }
}
