/** The worker's log: JSON lines on standard output, one object an event. */
import { type Logger, pino } from 'pino'
import type { Config } from './config.ts'

export type { Logger }

export function createLog({ logLevel, name }: Config): Logger {
  return pino({ name, level: logLevel })
}
