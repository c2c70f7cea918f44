/** How a model is described when it is handed from the master to a worker, and the pictures that test it. */
import { z } from 'zod'

/** TensorFlow.js file formats, as `model.json` names them. */
export const modelFormatSchema = z.enum(['graph-model', 'layers-model'])
export type ModelFormat = z.infer<typeof modelFormatSchema>

/** The values to which a pixel's 0 to 255 is scaled, e.g. [-1, 1]. */
export const inputRangeSchema = z.tuple([z.number(), z.number()])
export type InputRange = z.infer<typeof inputRangeSchema>

/** How the bytes of a model are to be read: nothing of it can be seen in the files themselves. */
export const interpretationSchema = z.object({
  format: modelFormatSchema,
  inputRange: inputRangeSchema,
  /** Index of ImageNet class 0 among the outputs: 1 where a background class comes first. */
  classOffset: z.int().min(0).max(1),
  /** What the outputs are: probabilities, or logits that a softmax must follow. */
  activation: z.enum(['softmax', 'logits']),
})
export type Interpretation = z.infer<typeof interpretationSchema>

export const SHA256 = /^[0-9a-f]{64}$/

/** A name without folders or dots at its start, so that it can be joined to a folder. */
export const MODEL_FILE_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/

export const modelFileSchema = z.object({
  name: z.string().regex(MODEL_FILE_NAME),
  bytes: z.int().positive(),
  sha256: z.string().regex(SHA256),
})
export type ModelFile = z.infer<typeof modelFileSchema>

export const modelDescriptorSchema = z
  .object({
    digest: z
      .string()
      .regex(SHA256)
      .describe("SHA-256 over the interpretation and the files' hashes: what a result was computed with."),
    name: z.string(),
    interpretation: interpretationSchema,
    files: z.array(modelFileSchema).min(1),
  })
  .meta({ id: 'Model' })
export type ModelDescriptor = z.infer<typeof modelDescriptorSchema>

/** Side of the sample pictures in pixels. */
export const SAMPLE_SIDE = 512

/** The project's own pictures: a person can try them, and every model must recognise them. */
export const sampleSetSchema = z.array(
  z.object({
    /** File name in the folder `/samples/`: a PNG of 512 × 512 pixels. */
    file: z.string(),
    title: z.string(),
    /** ImageNet-1k class that the picture shows. */
    classIndex: z.int().min(0).max(999),
  }),
)
export type SampleSet = z.infer<typeof sampleSetSchema>
