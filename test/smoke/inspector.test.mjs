/** @module The inspector of the packed package: its page is there, and our charts are drawn already. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BackgroundRunner } from 'offstage'
import { createInspector } from 'offstage/inspect'
import { createActor, createMachine } from 'xstate'

/** What a page would fetch, with the cookie that the address with its token is changed for. */
async function inspected(use) {
  const runner = new BackgroundRunner()
  const inspector = createInspector({ runner })
  try {
    const { url } = await inspector.listen()
    const admission = await fetch(url, { redirect: 'manual' })
    const cookie = admission.headers.getSetCookie()[0].split(';')[0]
    await use((path) => fetch(new URL(path, url), { headers: { cookie } }), inspector)
  } finally {
    await inspector.close()
    await runner.stop()
  }
}

test('the page and our charts are served', () =>
  inspected(async (get) => {
    assert.match(await (await get('/')).text(), /<script type="module">.{10000}/s)
    for (const id of ['task', 'runner', 'schedule', 'scheduler', 'worker']) {
      const chart = await (await get(`/api/charts/${id}`)).json()
      assert.equal(chart.id, id)
      assert.ok(chart.nodes.length > 2)
    }
  }))

test("a chart of a user's actor is laid out by the thread beside the package", () =>
  inspected(async (get, inspector) => {
    const lamp = createMachine({ id: 'lamp', initial: 'off', states: { off: { on: { press: 'on' } }, on: {} } })
    createActor(lamp, { inspect: inspector.inspect }).start()
    const { view } = await (await get('/api/frame?view=actors')).json()
    const drawn = await (await get(`/api/charts/${encodeURIComponent(view.actors[0].chart)}`)).json()
    const states = drawn.nodes.filter(({ kind }) => kind !== 'start').map(({ id }) => id)
    assert.deepEqual(states, ['off', 'on'])
  }))
