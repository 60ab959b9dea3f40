/** @module A worker process of the demo. It works until its parent lets go of it, or is gone. */
import { once } from 'node:events'
import { BackgroundRunner, FileStore } from 'offstage'
import { recipes } from './recipes.ts'

const [dir = '', slots = '1', lease = ''] = process.argv.slice(2)
// Ctrl-C reaches the parent too, which then lets go
process.on('SIGINT', () => {})

await using store = new FileStore({ dir, lease: Number(lease) })
await using runner = new BackgroundRunner({ store, recipes, maxConcurrentTasks: Number(slots) })
runner.start()
await once(process, 'disconnect')
