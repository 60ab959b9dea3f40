/** @module `npm run demo`: installs and builds what is missing, then runs examples/demo/main.ts on this terminal. */
import { compile, ensureBuilt, ensureInstalled } from './lib/prepare.mjs'
import { main } from './lib/process.mjs'
import { program } from './lib/steps.mjs'

await main(async () => {
  await ensureInstalled()
  await ensureBuilt()
  await compile()
  await program('examples/demo/main.ts', { args: process.argv.slice(2) })
})
