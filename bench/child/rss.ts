/** @module A worker through very many tasks; prints its memory, in bytes, each time a share is done. Arguments: folder, tasks, samples. */
import { openStore } from '../lib/open-store.ts'
import { callers, openOffstage } from '../lib/queueing.ts'

const [dir = '', tasks = '0', samples = '100'] = process.argv.slice(2)
const queueing = openOffstage(openStore(dir))
queueing.start()
const taken: number[] = []
for (let i = 0; i < Number(samples); i += 1) {
  await callers(queueing, Math.ceil(Number(tasks) / Number(samples)))
  taken.push(process.memoryUsage.rss())
}
await queueing.close()
console.log(JSON.stringify(taken))
