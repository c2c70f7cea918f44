/** What a client may say about a photo that it submits: query parameters, or fields of the form around the photo. */
import { z } from 'zod'
import { idSchema, ownerSchema, prioritySchema, TRUTH_TAG, tagSchema } from './job.ts'
import { MAX_FILE_NAME_LENGTH, MAX_TAGS } from './vocabulary.ts'

/** `true` or `false`, as it is written in an address. */
export const flagSchema = z
  .stringbool({ truthy: ['true'], falsy: ['false'], case: 'sensitive' })
  .meta({ enum: ['true', 'false'] })

export const jobOptionsSchema = z.strictObject({
  owner: ownerSchema.optional(),
  priority: prioritySchema.optional(),
  fileName: z
    .string()
    .min(1)
    .max(MAX_FILE_NAME_LENGTH)
    .optional()
    .describe("For display; by default the name that the form's file has; `photo` where there is none."),
  tag: z
    .array(tagSchema)
    .max(MAX_TAGS)
    .refine((tags) => new Set(tags.map((tag) => parseTag(tag)[0])).size === tags.length, 'has a name twice')
    .optional()
    .describe(
      `\`name=value\`; may come several times. \`${TRUTH_TAG}\` is the WordNet id or the index of the class that the photo shows, for the accuracy.`,
    ),
  batch: idSchema.optional().describe('The batch that it is to belong to.'),
  fresh: flagSchema
    .optional()
    .describe('Recognises it anew, also where the result of the same photo is known.'),
})
export type JobOptions = z.infer<typeof jobOptionsSchema>

/** Tags by name. */
export function tagsOf(tags: readonly string[]): Record<string, string> {
  return Object.fromEntries(tags.map(parseTag))
}

/** @param tag as `tagSchema` has it */
export function parseTag(tag: string): [name: string, value: string] {
  const end = tag.indexOf('=')
  return [tag.slice(0, end), tag.slice(end + 1)]
}
