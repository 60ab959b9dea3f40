/** @module One step by name, after what it needs: `node scripts/run.mjs laws docs`. */
import { build, compile, ensureBuilt, ensureInstalled } from './lib/prepare.mjs'
import { Failure, inCI, main } from './lib/process.mjs'
import * as steps from './lib/steps.mjs'

const [name, ...args] = process.argv.slice(2)

const work = {
  build,
  async types() {
    await ensureBuilt()
    await steps.types()
  },
  lint: steps.lint,
  format: steps.format,
  async laws() {
    await ensureBuilt()
    await compile()
    await steps.laws(args)
  },
  async generate() {
    await compile()
    await steps.generate()
  },
  async unit() {
    await steps.unit(args)
  },
  async examples() {
    await ensureBuilt()
    await compile()
    await steps.examples()
  },
  async smoke() {
    await ensureBuilt()
    await steps.withTarball((tarball) => steps.smoke(tarball, { everyNode: inCI }))
  },
}

await main(async () => {
  if (!work[name]) throw new Failure(`no step is named ${name}; there are ${Object.keys(work).join(', ')}`, 2)
  await ensureInstalled()
  await work[name]()
})
