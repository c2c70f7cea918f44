/** The worker's settings: read once from the environment, checked, and passed on as one object. */
import { readFileSync } from 'node:fs'
import { availableParallelism, homedir, hostname } from 'node:os'
import { join, resolve } from 'node:path'
import { ENGINES, type EngineName, WORKER_TOKEN_FILE } from '@argus/shared'
import { ConfigError, parseEnvironment } from '@argus/shared/process'
import { z } from 'zod'

const environmentSchema = z.object({
  MASTER_URL: z.url({ protocol: /^https?$/ }).default('http://127.0.0.1:5000'),
  WORKER_TOKEN: z.string().optional(),
  WORKER_TOKEN_FILE: z.string().min(1).default(`./data/${WORKER_TOKEN_FILE}`),
  WORKER_NAME: z.string().min(1).max(100).default(hostname()),
  THREADS: z.coerce.number().int().min(1).max(256).default(availableParallelism()),
  PREFETCH: z.coerce.number().int().min(0).max(256).optional(),
  ENGINE: z.enum(['auto', ...ENGINES]).default('auto'),
  CACHE_DIR: z
    .string()
    .min(1)
    .default(join(homedir(), '.cache', 'argus')),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
})

export interface Config {
  readonly masterUrl: string
  readonly token: string
  readonly name: string
  /** Photos that are recognised at once. */
  readonly threads: number
  /** Photos that are held beyond those, fetched already, so that no thread waits for the network. */
  readonly prefetch: number
  readonly engine: 'auto' | EngineName
  /** Absolute path of the folder that keeps models and the choice of engine. */
  readonly cacheDir: string
  readonly logLevel: z.infer<typeof environmentSchema>['LOG_LEVEL']
}

/**
 * Reads the settings.
 *
 * @param env normally `process.env`
 * @throws ConfigError naming every variable that is wrong
 */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const values = parseEnvironment(environmentSchema, env)
  return {
    masterUrl: values.MASTER_URL.replace(/\/+$/, ''),
    token: values.WORKER_TOKEN ?? readToken(values.WORKER_TOKEN_FILE),
    name: values.WORKER_NAME,
    threads: values.THREADS,
    prefetch: values.PREFETCH ?? values.THREADS,
    engine: values.ENGINE,
    cacheDir: resolve(values.CACHE_DIR),
    logLevel: values.LOG_LEVEL,
  }
}

function readToken(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    throw new ConfigError(
      `No worker token: set WORKER_TOKEN, or WORKER_TOKEN_FILE to a copy of the file "${WORKER_TOKEN_FILE}" in the master's data folder (${error}).`,
    )
  }
}
