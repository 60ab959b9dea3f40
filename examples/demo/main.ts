/**
 * @module The demo: digests every Markdown file below a folder, and in the packages installed there. The tasks are in a
 * store on disk, and two processes work on them; one is killed in the middle. Meanwhile a schedule fires every second.
 *
 *     npm run demo               this project
 *     npm run demo -- FOLDER     another folder
 */
import assert from 'node:assert/strict'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BackgroundRunner, type BackgroundTask, FileStore } from 'offstage'
import { Crew } from './crew.ts'
import { findDocuments, shelve } from './documents.ts'
import { readJournal } from './journal.ts'
import { prove } from './proof.ts'
import { digest, links, pulse, study } from './recipes.ts'
import { type Ending, report } from './report.ts'
import { cancelEndless, killWorker } from './scenes.ts'
import { Screen } from './screen.ts'
import { tell } from './tasks.ts'
import { count, safe } from './text.ts'
import { Timeline } from './timeline.ts'
import { endingOf, submitTroubles, type Watched } from './troubles.ts'

const workers = 2
const slots = 3
const lease = 1_000
const folder = process.argv[2] ?? '.'
const paths = await findDocuments(folder)
if (paths.length === 0) {
  console.error(`no Markdown file was found in ${safe(folder)}`)
  process.exit(1)
}
const dir = join(await mkdtemp(join(tmpdir(), 'offstage-demo-')), 'store')
console.log(`${count(paths.length)} Markdown files; ${workers} worker processes, ${slots} tasks at a time in each`)
console.log(`the store is ${dir}`)
console.log(`to look at it: node dist/cli/main.js inspect --open --store ${dir}\n`)

const store = new FileStore({ dir, lease })
const runner = new BackgroundRunner({ store, work: false, gracePeriod: '1s', defaultTimeout: '1m' })
const crew = new Crew({ dir, slots, lease })
const screen = new Screen()
const explained = new Map<string, string>()
const timeline = new Timeline(runner, (id) => {
  screen.moved(id)
  void explainMeanwhile(id)
})

const watched: Watched[] = []
const troubles = await submitTroubles(runner)
const shelves = shelve(paths, 12)
const items = shelves.map((shelf, i) => {
  return { recipe: digest, input: { paths: shelf }, options: { name: `digest ${i + 1} of ${shelves.length}` } }
})
const digests = (await runner.submitMany(items)) as BackgroundTask<Awaited<ReturnType<typeof digest.run & {}>>>[]
const studied = await runner.submitRecipe(study, undefined, { needs: digests, name: 'study in a thread' })
const checked = await runner.submitRecipe(links, undefined, { needs: digests, name: 'check links' })
watched.push({ task: studied, expected: 'completed' }, { task: checked, expected: 'completed' }, ...troubles.watched)
screen.show({ digests, watched: watched.map(({ task }) => task) })
const stage = { runner, crew, digests, say: (text: string) => screen.say(text) }

const beat = await runner.schedules.add({
  name: 'beat',
  when: 'every 1 second',
  recipe: pulse,
  overlap: 'queue',
  misfire: 'all',
  submit: { priority: 10 },
})
crew.start(workers)
const death = await killWorker(stage, troubles.slow)
watched.push({ task: await cancelEndless(stage), expected: 'cancelled' })
await runner.schedules.pause('beat')
await runner.waitAll({ all: true, timeout: '60s' })
const { tasks } = await runner.list({ limit: 1_000 })

const figures = await timeline.stop()
screen.close()
troubles.close()
const codes = await crew.dismiss()
const endings = await Promise.all(watched.map(endingOfWatched))
const results = (await Promise.all(digests.map((task) => task.wait()))).flat()
report({
  digests: results,
  study: await studied.wait(),
  links: await checked.wait(),
  figures,
  slots: workers * slots,
  endings,
})
await runner.stop()
await store.close()

const account = await readJournal(dir)
tell(tasks, { account, crew, death, beat })
await prove({ dir, tasks, account, paths, results, attempts: figures.attempts, dead: death.worker, beat })
for (const { task, expected } of watched) assert.equal(endingOf(task.outcome), expected, task.name)
for (const task of digests) assert.equal(endingOf(task.outcome), 'completed', task.name)
assert.ok((account.workers.get(troubles.slow.id) ?? []).length > 1)
assert.deepEqual(new Set(codes), new Set(['SIGKILL', 0]))
console.log(`\nNothing was lost. Look yourself: npx offstage list --store ${dir}`)

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
