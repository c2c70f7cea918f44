/** How the command ends: its exit codes, and the errors whose message is all that a person has to see. */

export const EXIT = {
  done: 0,
  /** Something was refused or failed, or the command could not be carried out. */
  failed: 1,
  /** The command was called in a wrong way. */
  usage: 2,
  /** Ctrl-C, as shells have it: 128 and the number of the signal. */
  interrupted: 130,
  terminated: 143,
} as const
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** How a command tells what the process is to end with: null while it goes on. */
export type OnExit = (code: ExitCode | null) => void

/** The command was called in a wrong way. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** What was asked for cannot be done. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
}

/** Whether it is a system error, e.g. of a file, with its code. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error
}
