import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/smoke/**'],
    environment: 'node',
    pool: 'forks',
    maxWorkers: 2,
    allowOnly: false,
    retry: 0,
    // a bound for what hangs, not a measure of speed: machines may be busy
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
