/** The master's settings: read once from the environment, checked, and passed on as one object. */
import { join, resolve } from 'node:path'
import { ConfigError, parseEnvironment } from '@argus/shared/process'
import { z } from 'zod'
import { hostName } from './auth/host-name.ts'

/** 50 MB: a 12 megapixel photo has 5 MB, a 50 megapixel one some 25 MB. */
const DEFAULT_MAX_UPLOAD_BYTES = 50_000_000
/** Above this a picture is no photo of a camera that people own, and decoding it costs hundreds of MB. */
const DEFAULT_MAX_PIXELS = 50_000_000

/** So that results, thumbnails and the database's log still find room when photos are refused. */
const DEFAULT_MIN_FREE_BYTES = 200_000_000

/** A million rows of jobs take some 600 MB of the database, and the master's memory does not grow with them. */
const DEFAULT_MAX_QUEUED = 1_000_000
/** 50 MB at 83 KB/s; a slower line takes a larger value. */
const DEFAULT_REQUEST_SECONDS = 600
/** Ends connections that are held open; the whole time is limited by REQUEST_SECONDS. */
const DEFAULT_MIN_UPLOAD_BYTES_PER_SECOND = 1000
/** Node's own limit. */
const DEFAULT_MAX_HEADER_BYTES = 16_384

const LOOPBACK_HOSTS = new Set(['127.0.0.1', '::1', 'localhost'])

/** Host names and addresses with commas between, in the form in which the door compares them. */
const hostList = z
  .string()
  .default('')
  .transform((text, context) =>
    text
      .split(',')
      .flatMap((part) => part.trim() || [])
      .map((part) => {
        const host = hostName(part)
        if (host === null) context.addIssue(`"${part}" is no host name or address`)
        return host ?? part
      }),
  )

const environmentSchema = z.object({
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(5000),
  DATA_DIR: z.string().min(1).default('./data'),
  DATABASE_URL: z
    .url({ protocol: /^mysql$/, error: 'has to be of the form mysql://user:password@host:3306/database' })
    .optional(),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  ALLOWED_HOSTS: hostList,
  ARGUS_TOKEN: z.string().min(16, 'needs at least 16 characters').optional(),
  MODEL_DIR: z.string().optional(),
  MODEL_URL: z.url({ protocol: /^https?$/ }).optional(),
  MODEL_STALL_SECONDS: z.coerce.number().positive().default(10),
  MAX_UPLOAD_BYTES: z.coerce.number().int().positive().default(DEFAULT_MAX_UPLOAD_BYTES),
  MAX_PIXELS: z.coerce.number().int().positive().default(DEFAULT_MAX_PIXELS),
  MAX_QUEUED: z.coerce.number().int().positive().default(DEFAULT_MAX_QUEUED),
  REQUEST_SECONDS: z.coerce.number().positive().default(DEFAULT_REQUEST_SECONDS),
  MIN_UPLOAD_BYTES_PER_SECOND: z.coerce.number().min(0).default(DEFAULT_MIN_UPLOAD_BYTES_PER_SECOND),
  MAX_HEADER_BYTES: z.coerce.number().int().min(1024).default(DEFAULT_MAX_HEADER_BYTES),
  MIN_FREE_BYTES: z.coerce.number().int().min(0).default(DEFAULT_MIN_FREE_BYTES),
  KEEP_DAYS: z.coerce.number().positive().optional(),
  KEEP_BYTES: z.coerce.number().int().positive().optional(),
})

export interface Config {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  /** Absolute path of the folder that holds everything that the master keeps. */
  readonly dataDir: string
  /** Of a MariaDB; without it the master has an SQLite in its data folder. It has a password in it. */
  readonly databaseUrl: string | undefined
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  /** Host names, in lower case and without port, under which the master may be addressed. */
  readonly allowedHosts: ReadonlySet<string>
  /** Opens every door; required where the master listens beyond this machine. */
  readonly accessToken: string | undefined
  readonly model: {
    /** A folder with `model.json`: the first source. */
    readonly dir: string | undefined
    /** Takes the place of the published address. */
    readonly url: string | undefined
    /** A download that brings next to nothing for so long is given up. */
    readonly stallSeconds: number
  }
  readonly maxUploadBytes: number
  readonly maxPixels: number
  /** Photos are refused while so many jobs wait. */
  readonly maxQueued: number
  /** The longest that a whole request may take to arrive. */
  readonly requestSeconds: number
  /** An upload that brings less for ten seconds is cut off. */
  readonly minUploadBytesPerSecond: number
  readonly maxHeaderBytes: number
  /** Photos are refused while the disk of the data folder has less room. */
  readonly minFreeBytes: number
  /** Finished jobs are removed when they are older, or when the photos take more room; by default never. */
  readonly retention: { readonly keepDays?: number; readonly keepBytes?: number }
}

/**
 * Reads the settings.
 *
 * @param env normally `process.env`
 * @throws ConfigError naming every variable that is wrong
 */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const values = parseEnvironment(environmentSchema, env)
  const host = hostName(values.HOST) ?? values.HOST
  if (!LOOPBACK_HOSTS.has(host) && !values.ARGUS_TOKEN) {
    throw new ConfigError(
      `HOST=${values.HOST} opens the master to the network: set ARGUS_TOKEN (16 characters or more) to close its doors.`,
    )
  }
  const isWildcard = host === '0.0.0.0' || host === '::'
  return {
    host: values.HOST,
    port: values.PORT,
    dataDir: resolve(values.DATA_DIR),
    databaseUrl: values.DATABASE_URL,
    logLevel: values.LOG_LEVEL,
    allowedHosts: new Set([...LOOPBACK_HOSTS, ...(isWildcard ? [] : [host]), ...values.ALLOWED_HOSTS]),
    accessToken: values.ARGUS_TOKEN,
    model: {
      dir: values.MODEL_DIR && resolve(values.MODEL_DIR),
      url: values.MODEL_URL,
      stallSeconds: values.MODEL_STALL_SECONDS,
    },
    maxUploadBytes: values.MAX_UPLOAD_BYTES,
    maxPixels: values.MAX_PIXELS,
    maxQueued: values.MAX_QUEUED,
    requestSeconds: values.REQUEST_SECONDS,
    minUploadBytesPerSecond: values.MIN_UPLOAD_BYTES_PER_SECOND,
    maxHeaderBytes: values.MAX_HEADER_BYTES,
    minFreeBytes: values.MIN_FREE_BYTES,
    retention: { keepDays: values.KEEP_DAYS, keepBytes: values.KEEP_BYTES },
  }
}

/** Where each part keeps its files, below the data folder. */
export function dataPaths(dataDir: string) {
  return {
    database: join(dataDir, 'argus.sqlite'),
    images: join(dataDir, 'images'),
    thumbnails: join(dataDir, 'thumbnails'),
    uploads: join(dataDir, 'uploads'),
    models: join(dataDir, 'models'),
  }
}
