import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { layoutChart } from '../../../src/inspect/chart/layout.ts'
import { Layouts } from '../../../src/inspect/chart/layouts.ts'
import { chartGraph } from '../../../src/machines/chart-graph.ts'
import { runnerMachine } from '../../../src/machines/runner.ts'
import { taskMachine } from '../../../src/machines/task.ts'
import { VirtualClock } from '../../../src/testing/virtual-clock.ts'
import { bundleLibrary } from '../../bundle.ts'

const task = chartGraph(taskMachine)
const huge = { ...task, nodes: Array.from({ length: 401 }, () => task.nodes[0] as (typeof task.nodes)[number]) }
/** What no layout can be made of: a state in another that is not there. */
const broken = { ...task, edges: [{ from: 'nobody', to: 'pending', labels: [] }] }
let folder = ''
/** As it is published: beside it stands the program of the thread. */
let Published = Layouts

beforeAll(async () => {
  folder = await bundleLibrary({
    'inspect/layouts': 'src/inspect/chart/layouts.ts',
    'inspect/chart/layout-thread': 'src/inspect/chart/layout-thread.ts',
  })
  Published = ((await import(pathToFileURL(join(folder, 'inspect', 'layouts.js')).href)) as { Layouts: typeof Layouts })
    .Layouts
}, 60_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

describe.each([
  ['a thread', () => new Published(new VirtualClock())],
  ['the loop itself, where there is no thread', () => new Layouts(new VirtualClock())],
])('a chart that is laid out by %s', (_, make) => {
  it('is the same picture', async () => {
    const layouts = make()
    const [first, second] = await Promise.all([layouts.layout(task), layouts.layout(chartGraph(runnerMachine))])
    expect(first).toEqual(await layoutChart(task))
    expect(second.id).toBe('runner')
    expect(await layouts.layout(task)).toEqual(first)
    layouts.close()
  })

  it('is refused where it is too large to be read', async () => {
    const layouts = make()
    await expect(layouts.layout(huge)).rejects.toThrow('chart must be of at most 400 states')
    layouts.close()
  })

  it('fails alone', async () => {
    const layouts = make()
    const [failed, made] = await Promise.allSettled([layouts.layout(broken), layouts.layout(task)])
    expect([failed.status, made.status]).toEqual(['rejected', 'fulfilled'])
    expect(await layouts.layout(task)).toEqual(await layoutChart(task))
    layouts.close()
  })

  it('is not waited for once all is closed', async () => {
    const layouts = make()
    layouts.close()
    await expect(layouts.layout(task)).rejects.toMatchObject({ code: 'INSPECTOR_CLOSED' })
  })
})

describe('the thread that lays charts out', () => {
  it('leaves when no chart is wanted for half a minute, and comes back for the next', async () => {
    const clock = new VirtualClock()
    const layouts = new Published(clock)
    const first = await layouts.layout(task)
    expect(clock.pending).toBe(1)
    await clock.advance('30s')
    expect(clock.pending).toBe(0)
    expect(await layouts.layout(task)).toEqual(first)
    layouts.close()
    expect(clock.pending).toBe(0)
  })

  it('takes those who wait along when it is closed', async () => {
    const layouts = new Published(new VirtualClock())
    const made = layouts.layout(task)
    layouts.close()
    await expect(made).rejects.toMatchObject({ code: 'INSPECTOR_CLOSED' })
  })
})
