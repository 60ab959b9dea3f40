/** @module What it costs to be looked at: the load of the core benchmark with an inspector, and with somebody who looks. */
import { browserPath, measurePage, type PageFigures } from './inspect/page.ts'
import { Companion } from './lib/companion.ts'
import { type Round, spread } from './lib/measure.ts'
import { type Figure, header, ms, reached, table, times, whole } from './lib/report.ts'

const tasks = 20_000
const rounds = 25
const warmUps = 3

interface Watched {
  readonly name: string
  readonly bar: number | undefined
  readonly runner: Companion
  readonly viewer: Companion | undefined
  readonly rounds: Round[]
}

/** @param query What is looked at, if anything is; undefined without an inspector. */
async function watched(name: string, bar: number | undefined, query: string | undefined): Promise<Watched> {
  const { companion, said } = await Companion.open('inspected', [String(tasks), query === undefined ? 'no' : 'yes'])
  const viewer = query ? await Companion.start('viewer', [said, query]) : undefined
  return { name, bar, runner: companion, viewer, rounds: [] }
}

header('No-op tasks of an inspected runner, each in a process of its own', ['xstate', 'hono'])
const none = await watched('no inspector', undefined, undefined)
const all = [
  none,
  await watched('an inspector, nobody looks', 0.95, ''),
  // the past does not change: all is recorded, and nothing is shown
  await watched('attached, nothing to show', 0.9, 'view=chart&at=0'),
  await watched('one page open on the chart', 0.6, 'view=chart'),
]
for (let round = -warmUps; round < rounds; round += 1) {
  for (let i = 0; i < all.length; i += 1) {
    // each round begins with another one
    const { runner, rounds: taken } = all[(i + round + warmUps) % all.length] as Watched
    runner.tell('run')
    const spent = JSON.parse(await runner.line()) as Round
    if (round >= 0) taken.push(spent)
  }
}
const shown = await Promise.all(all.map(({ viewer }) => viewer?.end<{ bytes: number; frames: number }>()))
await Promise.all(all.map(({ runner }) => runner.end()))

const ratio = (taken: readonly Round[], kind: keyof Round, value: 'best' | 'median'): number =>
  spread(none.rounds, kind)[value] / spread(taken, kind)[value]
const perTask = (time: number): string => `${((time * 1_000) / tasks).toFixed(1)} µs`
table(
  ['', 'wall, best', 'median', 'tasks/s', 'CPU, median', 'throughput: best', 'median', 'by CPU', 'frames', 'KB'],
  all.map(({ name, rounds: taken }, i) => {
    const wall = spread(taken, 'wall')
    const ratios = [ratio(taken, 'wall', 'best'), ratio(taken, 'wall', 'median'), ratio(taken, 'cpu', 'median')]
    const { frames = 0, bytes = 0 } = shown[i] ?? {}
    return [
      name,
      perTask(wall.best),
      perTask(wall.median),
      whole((tasks / wall.median) * 1_000),
      perTask(spread(taken, 'cpu').median),
      ...ratios.map(times),
      whole(frames),
      whole(bytes / 1_000),
    ]
  }),
)
const path = await browserPath()
if (path === undefined) console.log('!! SKIPPED the page: there is no Chromium; install the package chromium\n')
const page = path === undefined ? undefined : await measurePage(path)
if (page !== undefined) {
  console.log(`
The page over 100,000 tasks, while ${whole(page.eventsPerSecond)} events a second come in`)
  table(
    ['first paint', 'all counted', 'longest task at loading', 'frames/s scrolling', 'longest task', 'KB/s'],
    [
      [
        ms(median(page.paints)),
        ms(median(page.counts)),
        ms(page.longestLoading),
        whole(page.framesPerSecond),
        ms(page.longestScrolling),
        whole(page.kilobytesPerSecond),
      ],
    ],
  )
}
reached([
  ...all.flatMap(({ name, bar, rounds: taken }) => {
    if (bar === undefined) return []
    const figure = ratio(taken, 'wall', 'median')
    const what = `tasks/s with ${name}, against no inspector (median of ${rounds} rounds)`
    return [{ what, bar: `≥ ${times(bar)}`, figure: times(figure), met: figure >= bar }]
  }),
  ...(page === undefined ? [] : figuresOf(page)),
])

function figuresOf({ paints, longestLoading, longestScrolling }: PageFigures): Figure[] {
  const paint = median(paints)
  return [
    {
      what: 'first paint of the page over 100,000 tasks (median)',
      bar: '< 2,000 ms',
      figure: ms(paint),
      met: paint < 2_000,
    },
    {
      what: 'longest task of its main thread, as it is loaded (most of all loads)',
      bar: '< 200 ms',
      figure: ms(longestLoading),
      met: longestLoading < 200,
    },
    {
      what: 'longest task of its main thread, while it is scrolled and busy',
      bar: '< 200 ms',
      figure: ms(longestScrolling),
      met: longestScrolling < 200,
    },
  ]
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}
