/** The worker's process. */
import { runProcess } from '@argus/shared/process'
import { Agent } from './agent.ts'
import { readConfig } from './config.ts'
import { createLog } from './log.ts'

await runProcess(() => {
  const config = readConfig(process.env)
  const log = createLog(config)
  const agent = new Agent(config, log)
  agent.start()

  return (reason) => {
    log.info({ reason }, 'The worker stops')
    return agent.stop()
  }
})
