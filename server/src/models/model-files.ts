/** Reads what a folder holds as a model: which files belong to it, and their hashes. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type Interpretation,
  MODEL_FILE_NAME,
  type ModelDescriptor,
  type ModelFile,
  type ModelFormat,
  ProblemError,
} from '@argus/shared'
import { z } from 'zod'
import { reasonOf } from './reason.ts'

const BYTES_BY_TYPE: Readonly<Record<string, number>> = {
  float32: 4,
  int32: 4,
  float16: 2,
  uint16: 2,
  uint8: 1,
}

const weightSchema = z.object({
  shape: z.array(z.int().min(0)),
  dtype: z.string(),
  quantization: z.object({ dtype: z.string() }).optional(),
})

/** The parts of TensorFlow.js's `model.json` that the master looks at. */
const modelJsonSchema = z.object({
  format: z.enum(['graph-model', 'layers-model']).optional(),
  modelTopology: z.record(z.string(), z.unknown()),
  weightsManifest: z
    .array(
      z.object({
        paths: z.array(z.string().regex(MODEL_FILE_NAME)).min(1),
        weights: z.array(weightSchema).default([]),
      }),
    )
    .min(1)
    .max(1000),
})

export const MODEL_JSON = 'model.json'

interface ParsedModelJson {
  readonly format: ModelFormat
  readonly weightFiles: string[]
  readonly weightBytes: number
}

function bytesOf({ shape, dtype, quantization }: z.infer<typeof weightSchema>): number {
  const elements = shape.reduce((product, length) => product * length, 1)
  return elements * (BYTES_BY_TYPE[quantization?.dtype ?? dtype] ?? 4)
}

/**
 * Parses a `model.json`.
 *
 * @returns its format, the names of its weight files and how many bytes these should have together
 * @throws ProblemError `model/source-failed`
 */
export function parseModelJson(text: string): ParsedModelJson {
  try {
    const json = modelJsonSchema.parse(JSON.parse(text))
    // Files of before 2019 do not name their format; a graph has nodes, a Keras model has a config.
    const format = json.format ?? ('node' in json.modelTopology ? 'graph-model' : 'layers-model')
    const weights = json.weightsManifest.flatMap((group) => group.weights)
    return {
      format,
      weightFiles: json.weightsManifest.flatMap(({ paths }) => paths),
      weightBytes: weights.reduce((sum, weight) => sum + bytesOf(weight), 0),
    }
  } catch (error) {
    throw new ProblemError(
      'model/source-failed',
      `Its model.json is not one of TensorFlow.js: ${reasonOf(error)}`,
      {
        cause: error,
      },
    )
  }
}

/**
 * Describes the model in a folder.
 *
 * @throws ProblemError `model/source-failed` where a file is missing or the format is not the declared one
 */
export async function describeModel(
  folder: string,
  name: string,
  interpretation: Interpretation,
): Promise<ModelDescriptor> {
  const modelJson = await readModelFile(folder, MODEL_JSON)
  const { format, weightFiles } = parseModelJson(modelJson.toString('utf8'))
  if (format !== interpretation.format) {
    throw new ProblemError(
      'model/source-failed',
      `It is a ${format}, not the ${interpretation.format} declared.`,
    )
  }
  const files: ModelFile[] = [describeFile(MODEL_JSON, modelJson)]
  for (const file of weightFiles) files.push(describeFile(file, await readModelFile(folder, file)))
  return { digest: digestOf(interpretation, files), name, interpretation, files }
}

/**
 * The interpretation is part of the digest: the same files read with another input range are another model,
 * and give other results.
 */
function digestOf(interpretation: Interpretation, files: ModelFile[]): string {
  const { format, inputRange, classOffset, activation } = interpretation
  return sha256(JSON.stringify([format, inputRange, classOffset, activation, contentHash(files)]))
}

/** One hash for the names and bytes of all files. */
export function contentHash(files: ModelFile[]): string {
  return sha256(JSON.stringify(files.map(({ name, sha256 }) => [name, sha256])))
}

function describeFile(name: string, bytes: Buffer): ModelFile {
  return { name, bytes: bytes.length, sha256: sha256(bytes) }
}

async function readModelFile(folder: string, name: string): Promise<Buffer> {
  try {
    return await readFile(join(folder, name))
  } catch (error) {
    throw new ProblemError('model/source-failed', `Its file ${name} cannot be read.`, { cause: error })
  }
}

function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex')
}
