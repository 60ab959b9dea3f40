/**
 * @module `npm run soak`: the crash tests for an hour rather than minutes: every order of operations, 20,000 kills.
 * OFFSTAGE_KILLS sets another number of kills, OFFSTAGE_SEED repeats a run.
 */
import { ensureInstalled } from './lib/prepare.mjs'
import { main } from './lib/process.mjs'
import { unit } from './lib/steps.mjs'

await main(async () => {
  await ensureInstalled()
  process.env.OFFSTAGE_SOAK = '1'
  process.env.OFFSTAGE_KILLS ??= '20000'
  console.log(await unit(['test/crash', ...process.argv.slice(2)]))
})
