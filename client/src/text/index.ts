/** Every English sentence of the web app, one file a page. */
import * as batch from './batch.ts'
import * as board from './board.ts'
import * as cluster from './cluster.ts'
import * as dashboard from './dashboard.ts'
import * as job from './job.ts'
import * as shell from './shell.ts'
import * as submit from './submit.ts'

export const text = {
  name: 'Argus',
  ...shell,
  ...board,
  ...submit,
  ...job,
  ...batch,
  ...cluster,
  ...dashboard,
} as const
