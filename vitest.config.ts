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
  },
})
