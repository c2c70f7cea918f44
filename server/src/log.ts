/** The master's log: JSON lines on standard output, one object an event. */
import { type Logger, pino } from 'pino'
import type { Config } from './config.ts'

export type { Logger }

export function createLog(level: Config['logLevel']): Logger {
  return pino({ name: 'master', level })
}
