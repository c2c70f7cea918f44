/** All scenarios, in the order of the table. */
import type { Scenario } from '../scenario.ts'
import { churn } from './churn.ts'
import { cutNetwork } from './cut-network.ts'
import { drain } from './drain.ts'
import { fairShare } from './fair-share.ts'
import { freezeWorker } from './freeze-worker.ts'
import { killDatabase } from './kill-database.ts'
import { killMaster } from './kill-master.ts'
import { killWorkers } from './kill-workers.ts'
import { millionQueued } from './million-queued.ts'
import { poisonPhoto } from './poison-photo.ts'
import { realEngine } from './real-engine.ts'
import { steadyLoad } from './steady-load.ts'

export const SCENARIOS: readonly Scenario[] = [
  killWorkers,
  killMaster,
  freezeWorker,
  cutNetwork,
  killDatabase,
  poisonPhoto,
  drain,
  churn,
  fairShare,
  steadyLoad,
  millionQueued,
  realEngine,
]
