import { defineConfig } from 'vitest/config'

/**
 * The recogniser threads that worker tests start are `.ts` files, and `--import tsx` itself leaves threads out:
 * this registers it in each of them.
 */
const registerTsx = `import { register } from '${import.meta.resolve('tsx/esm/api')}'; register()`

const slow = {
  testTimeout: 120_000,
  hookTimeout: 180_000,
  expect: { poll: { timeout: 60_000, interval: 100 } },
}

export default defineConfig({
  test: {
    projects: [
      {
        // Beside each module; they run the sources.
        test: {
          name: 'unit',
          include: ['{shared,server,worker,client,cli}/src/**/*.test.{ts,tsx}'],
          testTimeout: 30_000,
          // Those of MariaDB make a server's data first, on a disk that may be busy.
          hookTimeout: 120_000,
          expect: { poll: { timeout: 20_000 } },
          pool: 'forks',
          execArgv: ['--import', `data:text/javascript,${encodeURIComponent(registerTsx)}`],
        },
      },
      {
        // Real processes of the build, one suite after the other: each wants all cores.
        test: {
          name: 'e2e',
          include: ['{server,worker,client,cli,loadtest}/e2e/**/*.test.ts'],
          ...slow,
          fileParallelism: false,
        },
      },
    ],
  },
})
