/**
 * The models that the master can get by itself, and how their bytes are to be read. None of it is taken on
 * trust: every model has to recognise the sample pictures, read as its entry says, before it serves.
 */
import type { Interpretation } from '@argus/shared'

export interface PublishedEntry {
  readonly name: string
  readonly interpretation: Interpretation
  /** Address of `model.json`; its weights lie beside it. */
  readonly url: string
}

export interface NpmPackageEntry {
  readonly name: string
  readonly interpretation: Interpretation
  readonly package: string
  readonly version: string
  /** Of the tarball, as package-lock files write it. */
  readonly integrity: string
  readonly tarballBytes: number
  /** The folder of the package that holds `model.json`. */
  readonly folder: string
}

/**
 * The address that TensorFlow.js's own documentation loads. Those of TF-Hub inside
 * `@tensorflow-models/mobilenet` have answered 403 since 2025 (tensorflow/tfjs#8595).
 */
export const PUBLISHED_MOBILENET_V2: PublishedEntry = {
  name: 'MobileNet V2',
  interpretation: { format: 'graph-model', inputRange: [-1, 1], classOffset: 1, activation: 'logits' },
  url: 'https://storage.googleapis.com/tfjs-models/savedmodel/mobilenet_v2_1.0_224/model.json',
}

/** The last resort, for machines that reach nothing but a package registry (MIT licence). */
export const PACKAGED_MOBILENET_V1: NpmPackageEntry = {
  name: 'MobileNet V1',
  interpretation: { format: 'layers-model', inputRange: [-1, 1], classOffset: 0, activation: 'softmax' },
  package: 'demba-ba-net',
  version: '0.2.0',
  integrity:
    'sha512-js30OMLZ8sD9PT7vpy23Q8BMrFqaSNLmhDWEQcjHSwIWVHhowJMrJX2rp2Vm5dOvecGvEhEEM5eHuMhOMdqt0w==',
  tarballBytes: 39_611_001,
  folder: 'mobilenet',
}

/** How the model in MODEL_DIR is read where its folder does not say. */
export const DEFAULT_INTERPRETATION: Omit<Interpretation, 'format'> = {
  inputRange: [-1, 1],
  classOffset: 0,
  activation: 'softmax',
}
