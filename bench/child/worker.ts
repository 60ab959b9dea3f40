/** @module A worker on a store, until its input ends; then it prints how many naps it took. Arguments: folder, slots. */
import { once } from 'node:events'
import { BackgroundRunner } from 'offstage'
import { openStore } from '../lib/open-store.ts'
import { nap, naps, noop, stamp } from '../lib/recipes.ts'

const [dir = '', slots = '5'] = process.argv.slice(2)
const store = openStore(dir)
const runner = new BackgroundRunner({ store, recipes: [noop, stamp, nap], maxConcurrentTasks: Number(slots) })
runner.start()
await runner.list({ limit: 1 })
console.log('ready')
process.stdin.resume()
await once(process.stdin, 'end')
await runner.stop()
await store.close()
console.log(JSON.stringify(naps))
