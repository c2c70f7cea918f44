/** The model that served last, from the master's own disk. */
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ModelCache } from '../model-cache.ts'
import type { FetchedModel, ModelSource } from '../model-source.ts'

export function cachedSource(cache: ModelCache): ModelSource {
  return {
    label: 'the cache',
    pin: null,
    async fetch(into): Promise<FetchedModel | null> {
      const descriptor = await cache.current()
      if (!descriptor) return null
      const folder = cache.folder(descriptor.digest)
      for (const { name } of descriptor.files) await copyFile(join(folder, name), join(into, name))
      return descriptor
    },
  }
}
