import { describe, expect, it } from 'vitest'
import { createMachine } from 'xstate'
import { Charts } from '../../../src/inspect/server/charts.ts'
import { ownCharts } from '../../../src/inspect/server/own-charts.ts'
import { VirtualClock } from '../../../src/testing/virtual-clock.ts'

const clock = new VirtualClock()
const lamp = createMachine({ id: 'lamp', initial: 'off', states: { off: { on: { press: 'on' } }, on: {} } })

describe('the charts', () => {
  it('are those of a task and of whatever surrounds it', async () => {
    expect(ownCharts.map(({ id, title }) => `${id} ${title}`)).toEqual([
      'task Task',
      'runner Runner',
      'schedule Schedule',
      'scheduler Scheduler',
      'worker Worker',
    ])
    const charts = new Charts(() => undefined, clock)
    for (const { id, title } of ownCharts) expect(await charts.get(id)).toMatchObject({ id, title })
    expect((await charts.get('task'))?.nodes.map(({ id }) => id)).toContain('running.executing')
    expect(await charts.get('lamp')).toBeUndefined()
    expect(await charts.get('__proto__')).toBeUndefined()
  })

  it("are those of users' actors, too, under the ids that they go by", async () => {
    const charts = new Charts((id) => (id === 'lamp:2' ? lamp : undefined), clock)
    const drawn = await charts.get('lamp:2')
    expect(drawn).toMatchObject({ id: 'lamp:2', title: 'lamp' })
    expect(drawn?.nodes.filter(({ kind }) => kind !== 'start').map(({ id }) => id)).toEqual(['off', 'on'])
    expect((await charts.get('lamp:2'))?.nodes).toBe(drawn?.nodes)
  })

  it('are refused where they are too large to be read', async () => {
    const states = Object.fromEntries(Array.from({ length: 401 }, (_, i) => [`s${i}`, {}]))
    const charts = new Charts(() => createMachine({ id: 'huge', initial: 's0', states }), clock)
    await expect(charts.get('huge')).rejects.toThrow('chart must be of at most 400 states')
  })
})
