import { defineConfig } from 'vitest/config'

const slow = { testTimeout: 120_000, hookTimeout: 180_000 }

export default defineConfig({
  test: {
    projects: [
      {
        // Beside each module; they run the sources.
        test: {
          name: 'unit',
          include: ['{shared,server,worker,client}/src/**/*.test.{ts,tsx}'],
          testTimeout: 30_000,
        },
      },
      {
        // Real processes of the build, one suite after the other: each wants all cores.
        test: {
          name: 'e2e',
          include: ['{server,worker,client}/e2e/**/*.test.ts'],
          ...slow,
          fileParallelism: false,
        },
      },
    ],
  },
})
