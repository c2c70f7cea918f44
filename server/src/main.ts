/** The master's process. Under the launcher it says over the IPC channel what a person should see. */
import { runProcess } from '@argus/shared/process'
import { startApp } from './app.ts'
import { readConfig } from './config.ts'
import type { MasterMessage } from './launcher/messages.ts'
import { createLog } from './log.ts'

await runProcess(async () => {
  const config = readConfig(process.env)
  const log = createLog(config.logLevel)
  const app = await startApp(config, log)
  log.info({ url: app.url, dataDir: config.dataDir }, 'The master listens')

  tellLauncher({ type: 'listening', url: app.url })
  app.onStatus((model, ready) => tellLauncher({ type: 'status', model, ready }))

  return (reason) => {
    log.info({ reason }, 'The master stops')
    return app.close()
  }
})

function tellLauncher(message: MasterMessage): void {
  if (process.connected) process.send?.(message)
}
