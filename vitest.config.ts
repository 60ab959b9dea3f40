import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** What takes longest begins first, or the end would wait for it alone. */
const longest = [
  'test/crash/kill.test.ts',
  'test/browser/load.test.ts',
  'test/browser/access.test.ts',
  'test/actors/scheduler-simulation.test.ts',
  'test/cli/schedule.test.ts',
  'test/cli/story.test.ts',
  'test/crash/liveness.test.ts',
  'test/browser/live.test.ts',
  'test/browser/travel.test.ts',
]

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const found = longest.findIndex((name) => moduleId.endsWith(name))
      return found < 0 ? longest.length : found
    }
    return (await super.sort(files)).sort((a, b) => place(a) - place(b))
  }
}

/** What starts processes, or looks at what its own has loaded. */
const ownProcess = [
  'test/{browser,cli,crash}/**/*.test.ts',
  'test/actors/telemetry.test.ts',
  'test/store/file/{node-disk,folder,full-disk,snapshotter,workers}.test.ts',
]

const shared = {
  environment: 'node',
  pool: 'forks',
  // a bound for what hangs, not a measure of speed: machines may be busy
  testTimeout: 60_000,
  hookTimeout: 60_000,
} as const

export default defineConfig({
  test: {
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    allowOnly: false,
    retry: 0,
    projects: [
      { test: { ...shared, name: 'outside', include: ownProcess } },
      {
        // thousands of tests of what is pure: to load the library anew for each file takes longer than they do
        test: {
          ...shared,
          name: 'inside',
          isolate: false,
          include: ['test/**/*.test.ts'],
          exclude: [...ownProcess, 'test/smoke/**', '**/node_modules/**'],
        },
      },
    ],
  },
})
