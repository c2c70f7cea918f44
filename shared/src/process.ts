/**
 * What every process of a cluster does alike: it reads its settings from the environment, and ends in good
 * order. An entry point of its own, because it is for Node only.
 */
import type { z } from 'zod'

/** The exit code that tells whoever supervises the process that another start would end the same way. */
export const EXIT_UNUSABLE_SETTINGS = 2

/** Settings that cannot be used. The message is meant for the terminal. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/**
 * Checks the environment against the schema of the settings.
 *
 * @throws ConfigError naming every variable that is wrong
 */
export function parseEnvironment<T>(schema: z.ZodType<T>, env: NodeJS.ProcessEnv): T {
  // An unset variable and an empty one mean the same: containers and unit files often pass empty ones.
  const set = Object.entries(env).filter(([, value]) => value !== '')
  const parsed = schema.safeParse(Object.fromEntries(set))
  if (parsed.success) return parsed.data
  const lines = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`)
  throw new ConfigError(`These settings cannot be used:\n${lines.join('\n')}`)
}

/**
 * Runs a process from its start to its end by SIGTERM, SIGINT or the death of the launcher. A second signal
 * ends it at once, with exit code 1.
 *
 * @param start returns what ends it in good order, given the reason
 */
export async function runProcess(
  start: () => Promise<(reason: string) => Promise<void>> | ((reason: string) => Promise<void>),
): Promise<void> {
  try {
    endWhenTold(await start())
  } catch (error) {
    console.error(error instanceof ConfigError ? error.message : error)
    process.exit(error instanceof ConfigError ? EXIT_UNUSABLE_SETTINGS : 1)
  }
}

function endWhenTold(stop: (reason: string) => Promise<void>): void {
  let stopping = false
  const end = async (reason: string) => {
    if (stopping) return
    stopping = true
    await stop(reason)
    process.exit(0)
  }
  let isSignalled = false
  const onSignal = (signal: NodeJS.Signals) => {
    // Whoever sends a second one will not wait. The death of the launcher counts as none: systemd, for one,
    // ends the whole group, and its first signal comes after that death.
    if (isSignalled) process.exit(1)
    isSignalled = true
    void end(signal)
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
  // The launcher has died, maybe before anyone listened for it: nobody would end this process.
  process.on('disconnect', () => void end('launcher gone'))
  if (process.send && !process.connected) void end('launcher gone')
}
