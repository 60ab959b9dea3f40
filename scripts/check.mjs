/** @module `npm run check`: all that the build server does, each thing once. */
import { build, compile, ensureInstalled } from './lib/prepare.mjs'
import { main, step } from './lib/process.mjs'
import { closeSkips } from './lib/skips.mjs'
import { examples, laws, lint, packaging, smoke, types, unit, withTarball } from './lib/steps.mjs'

await main(async () => {
  const began = performance.now()
  await ensureInstalled()
  await step('lint', lint)
  await step('build', build)
  await step('types', types)
  await step('compile tools, examples, benchmarks', compile)
  await step('laws', () => laws())
  const summary = await step('tests', () => unit())
  await step('examples', examples)
  await withTarball(async (tarball) => {
    await step('smoke test of the packed package', () => smoke(tarball, { everyNode: true }))
    await step('publint and attw', () => packaging(tarball))
  })
  console.log()
  closeSkips()
  console.log(`all green in ${Math.round((performance.now() - began) / 1_000)} s: ${summary}`)
})
