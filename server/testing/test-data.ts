/**
 * The test data: a MobileNet V2 and 100 labelled photos, in a folder `shared` beside the project or where
 * ARGUS_TEST_DATA says. It is no part of the project (ImageNet's photos may not be passed on), so suites that
 * need it are skipped where it is missing.
 */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const PROJECT = fileURLToPath(new URL('../..', import.meta.url))
const ROOT = resolve(process.env.ARGUS_TEST_DATA ?? join(PROJECT, '..', 'shared'))

/** Where `npm test` lays the packaged MobileNet V1 when there is no test data. */
export const PACKAGED_MODEL_DIR = join(PROJECT, '.cache', 'mobilenet-v1')
export const TEST_MODEL_DIR = join(ROOT, 'models', 'mobilenet_v2_1.0_224')
export const TEST_PHOTOS_DIR = join(ROOT, 'images', 'photos')
export const TEST_LABELS = join(ROOT, 'images', 'labels.csv')
export const SAMPLES_DIR = join(PROJECT, 'client', 'public', 'samples')

export function hasTestData(): boolean {
  return existsSync(join(TEST_MODEL_DIR, 'model.json')) && existsSync(TEST_LABELS)
}

/** The model that tests use where it does not matter which. */
export function defaultModelDir(): string {
  return hasTestData() ? TEST_MODEL_DIR : PACKAGED_MODEL_DIR
}

export interface TestPhoto {
  readonly path: string
  /** The true class. */
  readonly classIndex: number
  /** What the reference run of MobileNet V2 gave it. */
  readonly referenceTop1: number
}

export async function testPhotos(): Promise<TestPhoto[]> {
  const rows = (await readFile(join(ROOT, 'images', 'reference.csv'), 'utf8')).trim().split('\n').slice(1)
  return rows.map((row) => {
    const [file = '', classIndex, referenceTop1] = row.split(',')
    const path = join(TEST_PHOTOS_DIR, file)
    return { path, classIndex: Number(classIndex), referenceTop1: Number(referenceTop1) }
  })
}
