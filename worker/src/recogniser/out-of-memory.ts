/**
 * Tells whether an error says that memory ran out. The photo is not at fault then, and may be recognised where
 * there is more.
 */

/** As V8, WebAssembly, libvips, libjpeg, the C++ library and the system put it. */
const MESSAGES = [
  'array buffer allocation failed',
  'could not allocate memory',
  'unable to grow instance memory',
  'out of memory',
  'insufficient memory',
  'bad_alloc',
  'cannot allocate memory',
]

export function isOutOfMemory(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if ('code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY') return true
  const message = error.message.toLowerCase()
  return MESSAGES.some((words) => message.includes(words))
}
