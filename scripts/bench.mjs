/** @module `npm run bench [NAME…]`: each file of bench/, or those named, alone in a process, as in production. */
import { compile, ensureBuilt, ensureInstalled, filesIn } from './lib/prepare.mjs'
import { Failure, main, step } from './lib/process.mjs'
import { program } from './lib/steps.mjs'

await main(async () => {
  await ensureInstalled()
  await ensureBuilt()
  await compile()
  const all = filesIn('bench')
  const named = process.argv.slice(2).map((name) => `${name.replace(/\.ts$/, '')}.ts`)
  const unknown = named.filter((name) => !all.includes(name))
  if (unknown.length > 0) throw new Failure(`bench/ has no ${unknown.join(', ')}; it has ${all.join(', ')}`, 2)
  const env = { ...process.env, NODE_ENV: 'production' }
  for (const file of named.length > 0 ? named : all) {
    await step(file, () => program(`bench/${file}`, { flags: ['--expose-gc', '--no-flush-bytecode'], env }))
  }
})
