/** What a lab of network namespaces is made with. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const PROGRAMS = ['ethtool', 'ip', 'nft', 'tc']

export function hasNetworkTools(): boolean {
  const folders = (process.env.PATH ?? '').split(':')
  return PROGRAMS.every((program) => folders.some((folder) => existsSync(join(folder, program))))
}
