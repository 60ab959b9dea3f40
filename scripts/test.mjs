/** @module `npm test`: everything that a bare clone needs, then everything that can be tested. */
import { build, compile, ensureInstalled } from './lib/prepare.mjs'
import { inCI, main, step } from './lib/process.mjs'
import { closeSkips } from './lib/skips.mjs'
import { examples, laws, smoke, unit, withTarball } from './lib/steps.mjs'

await main(async () => {
  await ensureInstalled()
  await step('build', build)
  await step('compile tools, examples, benchmarks', compile)
  const summary = await step('tests', () => unit())
  await step('examples', examples)
  await step('laws', () => laws())
  await step('smoke test of the packed package', () => withTarball((tarball) => smoke(tarball, { everyNode: inCI })))
  console.log()
  closeSkips()
  console.log(`all green: ${summary}`)
})
