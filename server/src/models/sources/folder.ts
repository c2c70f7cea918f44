/** A model in a folder of this machine: what MODEL_DIR names. */
import { copyFile, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { interpretationSchema, ProblemError } from '@argus/shared'
import { z } from 'zod'
import { hasCode } from '../../error-code.ts'
import { DEFAULT_INTERPRETATION } from '../catalogue.ts'
import { MODEL_JSON, parseModelJson } from '../model-files.ts'
import type { FetchedModel, ModelSource } from '../model-source.ts'
import { reasonOf } from '../reason.ts'

/** Beside `model.json`, where the model is not read as by default: name, input range, class offset, activation. */
const ENTRY_FILE = 'argus-model.json'

const entrySchema = interpretationSchema
  .omit({ format: true })
  .extend({ name: z.string().min(1).max(100) })
  .partial()
  .strict()

/** @param folder absolute path */
export function folderSource(folder: string): ModelSource {
  return {
    label: `MODEL_DIR ${folder}`,
    // Whoever puts another model into the folder means it.
    pin: null,
    async fetch(into): Promise<FetchedModel> {
      try {
        const modelJson = await readFile(join(folder, MODEL_JSON), 'utf8')
        const { format, weightFiles } = parseModelJson(modelJson)
        for (const file of [MODEL_JSON, ...weightFiles]) await copyFile(join(folder, file), join(into, file))
        const { name = basename(folder), ...declared } = await readEntry(folder)
        return { name, interpretation: { ...DEFAULT_INTERPRETATION, ...declared, format } }
      } catch (error) {
        if (error instanceof ProblemError) throw error
        throw new ProblemError('model/source-failed', reasonOf(error), { cause: error })
      }
    },
  }
}

async function readEntry(folder: string): Promise<z.infer<typeof entrySchema>> {
  const text = await readFile(join(folder, ENTRY_FILE), 'utf8').catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return '{}'
    throw error
  })
  return entrySchema.parse(JSON.parse(text))
}
