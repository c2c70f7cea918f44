/** The master's process. Under the launcher it says over the IPC channel what a person should see. */
import { startApp } from './app.ts'
import { ConfigError, readConfig } from './config.ts'
import type { MasterMessage } from './launcher/messages.ts'
import { createLog } from './log.ts'
import { DatabaseInUseError } from './store/database.ts'

try {
  const config = readConfig(process.env)
  const log = createLog(config.logLevel)
  const app = await startApp(config, log)
  log.info({ url: app.url, dataDir: config.dataDir }, 'The master listens')

  tellLauncher({ type: 'listening', url: app.url })
  app.onStatus((model, ready) => tellLauncher({ type: 'status', model, ready }))

  let stopping = false
  const stop = async (reason: string) => {
    if (stopping) return
    stopping = true
    log.info({ reason }, 'The master stops')
    await app.close()
    process.exit(0)
  }
  process.on('SIGTERM', () => void stop('SIGTERM'))
  process.on('SIGINT', () => void stop('SIGINT'))
  // The launcher has died, maybe before anyone listened for it: nobody would end this process.
  process.on('disconnect', () => void stop('launcher gone'))
  if (process.send && !process.connected) void stop('launcher gone')
} catch (error) {
  const isUnusable = error instanceof ConfigError || error instanceof DatabaseInUseError
  console.error(isUnusable ? error.message : error)
  // 2 tells the launcher that another try would fail as well.
  process.exit(isUnusable ? 2 : 1)
}

function tellLauncher(message: MasterMessage): void {
  if (process.connected) process.send?.(message)
}
