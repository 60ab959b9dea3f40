/**
 * @module The demo: digests every Markdown file below a folder, and in the packages installed there, as background tasks.
 *
 *     npm run demo               this project
 *     npm run demo -- FOLDER     another folder
 */
import assert from 'node:assert/strict'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { BackgroundRunner, type BackgroundTask } from 'offstage'
import type { Study } from './corpus.ts'
import { digest } from './digest.ts'
import { findDocuments } from './documents.ts'
import { checkLinks } from './links.ts'
import { type Ending, report } from './report.ts'
import { Screen } from './screen.ts'
import { count, safe, titleOf } from './text.ts'
import { Timeline } from './timeline.ts'
import { endingOf, submitTroubles, type Watched } from './troubles.ts'

const slots = 5
const folder = process.argv[2] ?? '.'
const paths = await findDocuments(folder)
if (paths.length === 0) {
  console.error(`no Markdown file was found in ${safe(folder)}`)
  process.exit(1)
}
console.log(`${count(paths.length)} Markdown files, ${slots} tasks at a time\n`)

const runner = new BackgroundRunner({ maxConcurrentTasks: slots, gracePeriod: '2s', keepFinished: 1_000_000 })
const explained = new Map<string, string>()
const pause = monitorEventLoopDelay({ resolution: 5 })
pause.enable()
const timeline = new Timeline(runner, (id) => {
  screen.moved(id)
  void explainMeanwhile(id)
})

const troubles = await submitTroubles(runner)
const digests = paths.map((path) => runner.submit(digest, { args: [path], name: titleOf(path), timeout: '30s' }))
const study = runner.submit<Study>({
  thread: new URL('./corpus.js', import.meta.url),
  export: 'study',
  needs: digests,
  name: 'study in a thread',
})
const links = runner.submit(checkLinks, { needs: digests, name: 'check links' })
const watched: Watched[] = [
  { task: study, expected: 'completed' },
  { task: links, expected: 'completed' },
  ...troubles.watched,
]
const screen = new Screen({ runner, digests, watched: watched.map(({ task }) => task) })

await study.settled()
await troubles.endless.cancel('all digests are done')
await runner.waitAll({ timeout: '60s' })

const figures = await timeline.stop()
pause.disable()
screen.close()
troubles.close()
const endings = await Promise.all(watched.map(endingOfWatched))
const { zombies } = await runner.stop()

report({
  digests: await Promise.all(digests.map((task) => task.wait())),
  study: await study.wait(),
  links: await links.wait(),
  figures,
  slots,
  longestPause: pause.max / 1e6,
  endings,
})

for (const { task, expected } of watched) assert.equal(endingOf(task.outcome), expected, task.name)
if (digests.length >= slots) assert.equal(figures.most, slots)
assert.deepEqual(zombies, [])
console.log(
  `\nAll ${count(digests.length)} digests completed, and the ${watched.length} special tasks ended as they should.`,
)

/** Keeps what the special tasks say of themselves before they end: rather why they wait than that they run. */
async function explainMeanwhile(id: string): Promise<void> {
  const task = watched.find((each) => each.task.id === id)?.task
  if (task === undefined || task.isSettled) return
  const { code, sentence } = await task.explain()
  if (code !== 'SETTLED' && (code !== 'RUNNING' || !explained.has(id))) explained.set(id, sentence)
}

async function endingOfWatched({ task }: { readonly task: BackgroundTask<unknown> }): Promise<Ending> {
  const { sentence } = await task.explain()
  return { name: task.name, ended: endingOf(task.outcome), meanwhile: explained.get(task.id) ?? '', atEnd: sentence }
}
