/** Models for tests, made from the test model: read otherwise, or damaged. */
import { mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Interpretation } from '@argus/shared'
import { z } from 'zod'
import { TEST_MODEL_DIR } from './test-data.ts'

/** Its last convolution computes the classes. */
const CLASS_NODE = 'n64_conv_2d'
const LOGITS_NODE = 'n65_reshape'
const SOFTMAX_NODE = 'n66_softmax'
const CLASSES = 1000
const FEATURES = 1280
const FLOAT16_BYTES = 2
const FLOAT32_BYTES = 4

/** exp(-100) is no probability worth mentioning. */
const NEVER = -100

const shapeSchema = z.object({ dim: z.array(z.object({ size: z.string() })) })
const nodeSchema = z.looseObject({
  name: z.string(),
  attr: z.looseObject({
    value: z.looseObject({ tensor: z.looseObject({ tensorShape: shapeSchema }) }).optional(),
  }),
})
const modelJsonSchema = z.looseObject({
  signature: z.looseObject({
    outputs: z.object({ output: z.looseObject({ name: z.string(), tensorShape: shapeSchema }) }),
  }),
  modelTopology: z.looseObject({ node: z.array(nodeSchema) }),
  weightsManifest: z.tuple([
    z.looseObject({
      paths: z.array(z.string()).min(1),
      weights: z.array(z.looseObject({ name: z.string(), shape: z.array(z.int()) })),
    }),
  ]),
})
type ModelJson = z.infer<typeof modelJsonSchema>

/** What `argus-model.json` beside a model may declare. */
export type Declaration = Partial<Omit<Interpretation, 'format'> & { name: string }>

/** The folders of one suite. */
export class ModelVariants {
  readonly #root: string

  private constructor(root: string) {
    this.#root = root
  }

  static async open(): Promise<ModelVariants> {
    return new ModelVariants(await mkdtemp(join(tmpdir(), 'argus-models-')))
  }

  async remove(): Promise<void> {
    await rm(this.#root, { recursive: true, force: true })
  }

  /** The test model, which a test may change. */
  async plain(): Promise<string> {
    const folder = await mkdtemp(join(this.#root, 'model-'))
    // Not copied as files: the test data may be write-protected.
    for (const file of await readdir(TEST_MODEL_DIR)) {
      await writeFile(join(folder, file), await readFile(join(TEST_MODEL_DIR, file)))
    }
    return folder
  }

  /** The test model with a declaration of how it is to be read. */
  async declared(declaration: Declaration, model?: string): Promise<string> {
    const folder = model ?? (await this.plain())
    await writeFile(join(folder, 'argus-model.json'), JSON.stringify(declaration))
    return folder
  }

  /** The form in which Google publishes MobileNet V2: a background class comes first, and it gives logits. */
  async withBackgroundAndLogits(): Promise<string> {
    const folder = await this.plain()
    const json = await readModelJson(folder)
    await editWeights(folder, json, prependClass)
    const { modelTopology, signature, weightsManifest } = json
    const widths = [
      ...modelTopology.node.flatMap((node) =>
        node.name.startsWith(`${CLASS_NODE}/`) ? (node.attr.value?.tensor.tensorShape.dim ?? []) : [],
      ),
      ...signature.outputs.output.tensorShape.dim,
    ]
    for (const dim of widths) if (dim.size === String(CLASSES)) dim.size = String(CLASSES + 1)
    for (const { name, shape } of weightsManifest[0].weights) {
      if (name.startsWith(`${CLASS_NODE}/`)) shape[shape.length - 1] = CLASSES + 1
    }
    modelTopology.node = modelTopology.node.filter(({ name }) => name !== SOFTMAX_NODE)
    signature.outputs.output.name = `${LOGITS_NODE}:0`
    await writeFile(join(folder, 'model.json'), JSON.stringify(json))
    return folder
  }

  /** Some of its weights are others: every bit of 64 KB in the middle of a shard is flipped. */
  async withDamagedShard(model?: string): Promise<string> {
    const folder = model ?? (await this.plain())
    const [shard = ''] = (await readModelJson(folder)).weightsManifest[0].paths
    const bytes = await readFile(join(folder, shard))
    const middle = Math.floor(bytes.length / 2)
    for (let at = middle; at < middle + 65_536; at += 1) bytes[at] = ~(bytes[at] ?? 0) & 0xff
    await writeFile(join(folder, shard), bytes)
    return folder
  }

  /** Its last shard ends too early, as after a copy that was cut off. */
  async withShortShard(): Promise<string> {
    const folder = await this.plain()
    const shard = await open(join(folder, await lastShard(folder)), 'r+')
    await shard.truncate(100_000)
    await shard.close()
    return folder
  }

  /** Its last shard is not there. */
  async withoutShard(): Promise<string> {
    const folder = await this.plain()
    await rm(join(folder, await lastShard(folder)))
    return folder
  }

  /** Its `model.json` is changed as told. */
  async withModelJson(change: (text: string) => string): Promise<string> {
    const folder = await this.plain()
    const path = join(folder, 'model.json')
    await writeFile(path, change(await readFile(path, 'utf8')))
    return folder
  }
}

export async function lastShard(folder: string): Promise<string> {
  const [{ paths }] = (await readModelJson(folder)).weightsManifest
  return paths.at(-1) ?? ''
}

async function readModelJson(folder: string): Promise<ModelJson> {
  return modelJsonSchema.parse(JSON.parse(await readFile(join(folder, 'model.json'), 'utf8')))
}

/** Replaces the end of the last shard, where the weights of the classes lie. */
async function editWeights(
  folder: string,
  { weightsManifest: [{ weights, paths }] }: ModelJson,
  edit: (kernel: Buffer, bias: Buffer) => Buffer,
): Promise<void> {
  const names = weights.slice(-2).map(({ name }) => name)
  if (String(names) !== `${CLASS_NODE}/w,${CLASS_NODE}/b`)
    throw new Error(`It ends with other weights: ${names}`)
  const path = join(folder, paths.at(-1) ?? '')
  const shard = await readFile(path)
  const biasAt = shard.length - CLASSES * FLOAT32_BYTES
  const kernelAt = biasAt - FEATURES * CLASSES * FLOAT16_BYTES
  const end = edit(shard.subarray(kernelAt, biasAt), shard.subarray(biasAt))
  await writeFile(path, Buffer.concat([shard.subarray(0, kernelAt), end]))
}

/** The kernel is float16, a row of all classes for each feature; the bias is float32. */
function prependClass(kernel: Buffer, bias: Buffer): Buffer {
  const row = CLASSES * FLOAT16_BYTES
  const zero = Buffer.alloc(FLOAT16_BYTES)
  const rows = Array.from({ length: FEATURES }, (_, feature) =>
    Buffer.concat([zero, kernel.subarray(feature * row, (feature + 1) * row)]),
  )
  const never = Buffer.alloc(FLOAT32_BYTES)
  never.writeFloatLE(NEVER)
  return Buffer.concat([...rows, never, bias])
}
