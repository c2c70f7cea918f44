/** The worker's process. */
import { Agent } from './agent.ts'
import { ConfigError, readConfig } from './config.ts'
import { createLog } from './log.ts'

try {
  const config = readConfig(process.env)
  const log = createLog(config)
  const agent = new Agent(config, log)
  agent.start()

  let stopping = false
  const stop = async (reason: string) => {
    if (stopping) return
    stopping = true
    log.info({ reason }, 'The worker stops')
    await agent.stop()
    process.exit(0)
  }
  process.on('SIGTERM', () => void stop('SIGTERM'))
  process.on('SIGINT', () => void stop('SIGINT'))
  // The launcher has died, maybe before anyone listened for it: nobody would end this process.
  process.on('disconnect', () => void stop('launcher gone'))
  if (process.send && !process.connected) void stop('launcher gone')
} catch (error) {
  console.error(error instanceof ConfigError ? error.message : error)
  // 2 tells the launcher that another try would fail as well.
  process.exit(error instanceof ConfigError ? 2 : 1)
}
