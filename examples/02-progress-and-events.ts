// A handler reports progress, logs and streams output; whoever is interested listens to the events of its task.
// Each event has a cursor: a listener that was cut off goes on behind the last event it saw.
import assert from 'node:assert/strict'
import { BackgroundRunner } from 'offstage'

const runner = new BackgroundRunner()
const pages = ['the title', 'the contents', 'the end']

const task = runner.submit(
  async ({ progress, write, log, sleep }) => {
    for (const [i, page] of pages.entries()) {
      await sleep('5ms')
      write(`[${page}]`)
      progress((i + 1) / pages.length, `read ${page}`)
    }
    log('finished', { pages: pages.length })
  },
  {
    name: 'read a book',
    onProgress: ({ fraction, message }) => console.log(`${Math.round(100 * fraction)} % ${message}`),
  },
)

let output = ''
let middle = ''
const seen: string[] = []
for await (const event of task.events()) {
  seen.push(event.type === 'state' ? event.state : event.type)
  if (event.type === 'output') output += event.chunk
  if (event.type === 'progress' && middle === '') middle = event.cursor
}
console.log(seen.join(' '))
assert.equal(output, '[the title][the contents][the end]')
assert.equal(seen[0], 'snapshot')
assert.equal(seen.at(-1), 'completed')

const missed: string[] = []
for await (const event of task.events({ after: middle })) if (event.type === 'output') missed.push(event.chunk)
console.log(`behind ${middle}: ${missed.join(' ')}`)
assert.deepEqual(missed, ['[the contents]', '[the end]'])
