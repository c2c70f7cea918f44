/** What numbers were measured on, in words. */
import { availableParallelism, cpus, totalmem } from 'node:os'

/** E.g. `2 cores (AMD EPYC), 24 GB, linux, Node v20.20.2`. */
export function machine(): string {
  const gigabytes = (totalmem() / 2 ** 30).toFixed(0)
  const model = cpus()[0]?.model.trim() || process.arch
  return `${availableParallelism()} cores (${model}), ${gigabytes} GB, ${process.platform}, Node ${process.version}`
}
