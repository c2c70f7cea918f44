/** What the master tells the launcher that started it, over Node's IPC channel. */
import type { ModelState } from '@argus/shared'

export type MasterMessage =
  | { readonly type: 'listening'; readonly url: string }
  | {
      readonly type: 'status'
      readonly model: ModelState
      /** A photo submitted now would be recognised. */
      readonly ready: boolean
    }
