/** @module What a store guarantees of reading: `get`, `list`, `stream`, `explain`, `known` and `counts`. */
import { strict as assert } from 'node:assert'
import { OffstageError } from '../../errors.ts'
import type { ListRequest, NewStreamEntry } from '../../store/store.ts'
import { type Guarantee, type Kit, keyed } from './kit.ts'

const idsOf = async (kit: Kit, request: ListRequest): Promise<string[]> =>
  (await kit.store.list(request)).tasks.map(({ id }) => id)

const refused = (act: () => unknown, naming: string): Promise<void> =>
  assert.rejects(
    async () => await act(),
    (error: Error) => OffstageError.is(error, 'INVALID_OPTION') && error.message.startsWith(naming),
  )

const line = (kit: Kit, chunk: string): NewStreamEntry => ({ type: 'output', at: kit.tick(), chunk })

export const readGuarantees = {
  'get: answers with one task, or undefined': async (kit) => {
    await kit.add('a')
    assert.equal((await kit.store.get('a'))?.spec.name, 'a')
    for (const id of ['b', '', '__proto__', 'constructor']) assert.equal(await kit.store.get(id), undefined)
  },

  'list: is in submit order, whatever has happened since': async (kit) => {
    await kit.addAll(['c', 'a', 'b'], { priority: 1 })
    await kit.add('d', { priority: 9 })
    await kit.cancel('a')
    await kit.claim()
    assert.deepEqual(await idsOf(kit, {}), ['c', 'a', 'b', 'd'])
  },

  'list: is narrowed by status, recipe, name, owner and tags, alone and together': async (kit) => {
    await kit.run('a', { recipe: 'r', owner: 'ann', tags: ['x', 'y'] })
    await kit.add('b', { recipe: 'r', owner: 'bob', tags: ['x'] })
    await kit.add('c', { name: 'a', owner: 'ann' })
    await kit.add('d', { owner: 'ann', tags: [] })
    await kit.cancel('d')
    const cases: [ListRequest, string[]][] = [
      [{ status: 'running' }, ['a']],
      [{ status: ['pending', 'cancelled'] }, ['b', 'c', 'd']],
      [{ status: [] }, []],
      [{ recipe: 'r' }, ['a', 'b']],
      [{ name: 'a' }, ['a', 'c']],
      [{ owner: 'ann' }, ['a', 'c', 'd']],
      [{ tags: ['x'] }, ['a', 'b']],
      [{ tags: ['y', 'x'] }, ['a']],
      [{ tags: [] }, ['a', 'b', 'c', 'd']],
      [{ owner: 'ann', name: 'a', status: 'pending' }, ['c']],
      [{ owner: 'nobody' }, []],
    ]
    for (const [request, ids] of cases) assert.deepEqual(await idsOf(kit, request), ids, JSON.stringify(request))
  },

  'list: comes in pages, and the last page has no cursor': async (kit) => {
    const ids = Array.from({ length: 7 }, (_, i) => `t${i}`)
    await kit.addAll(ids)
    const pages: string[][] = []
    let after: string | undefined
    do {
      const page = await kit.store.list({ limit: 3, ...(after !== undefined && { after }) })
      pages.push(page.tasks.map(({ id }) => id))
      after = page.cursor
    } while (after !== undefined && pages.length < 9)
    assert.deepEqual(pages, [ids.slice(0, 3), ids.slice(3, 6), ids.slice(6)])
    assert.equal((await kit.store.list({ limit: 7 })).cursor, undefined)
  },

  'list: pages miss nothing and repeat nothing while tasks come and go': async (kit) => {
    await kit.addAll(['a', 'b', 'c', 'd'])
    const { cursor } = await kit.store.list({ limit: 2 })
    await kit.cancel('b')
    await kit.store.forget({ at: kit.tick() })
    await kit.add('e')
    assert.deepEqual(await idsOf(kit, { after: cursor ?? '', limit: 9 }), ['c', 'd', 'e'])
  },

  'list: pages of a narrowed list are full': async (kit) => {
    for (let i = 0; i < 6; i += 1) await kit.add(`t${i}`, { owner: i % 2 === 0 ? 'ann' : 'bob' })
    const { tasks, cursor } = await kit.store.list({ owner: 'bob', limit: 2 })
    assert.deepEqual(
      tasks.map(({ id }) => id),
      ['t1', 't3'],
    )
    assert.deepEqual(await idsOf(kit, { owner: 'bob', limit: 2, after: cursor ?? '' }), ['t5'])
  },

  'list: gives 100 tasks unless told otherwise': async (kit) => {
    await kit.store.submit(Array.from({ length: 101 }, (_, i) => kit.record(`t${i}`)))
    const { tasks, cursor } = await kit.store.list({})
    assert.equal(tasks.length, 100)
    assert.deepEqual(await idsOf(kit, { after: cursor ?? '' }), ['t100'])
  },

  'list: refuses a limit, a cursor or a status that cannot be': async (kit) => {
    for (const limit of [0, -1, 1.5, 1_001, Number.NaN, '5' as unknown as number]) {
      await refused(() => kit.store.list({ limit }), 'limit')
    }
    for (const after of ['', 'x', '-1', ' 1', 5 as unknown as string]) {
      await refused(() => kit.store.list({ after }), 'after')
    }
    await refused(() => kit.store.list({ status: 'done' as 'failed' }), 'status')
    await refused(() => kit.store.list({ tags: 'x' as unknown as string[] }), 'tags')
  },

  'write: keeps log lines and output in order, with their place': async (kit) => {
    await kit.run('a')
    const log = { type: 'log', at: kit.tick(), level: 'warn', message: 'hm', data: { n: 1 } } as const
    kit.store.write('a', log)
    kit.store.write('a', line(kit, 'out'))
    const { version } = (await kit.task('a')).snapshot.context
    assert.deepEqual(await kit.store.stream('a'), [
      { ...log, version, n: 1 },
      { type: 'output', at: kit.now, chunk: 'out', version, n: 2 },
    ])
  },

  'write: keeps the newest 1,000 of a task': async (kit) => {
    await kit.addAll(['a', 'b'])
    for (let i = 1; i <= 1_005; i += 1) kit.store.write('a', line(kit, `${i}`))
    kit.store.write('b', line(kit, 'other'))
    const entries = await kit.store.stream('a')
    assert.deepEqual([entries.length, entries[0]?.n, entries.at(-1)?.n], [1_000, 6, 1_005])
    assert.equal((await kit.store.stream('b')).length, 1)
  },

  'write: says nothing of unknown tasks': async (kit) => {
    assert.equal(kit.store.write('nobody', line(kit, 'out')), undefined)
    assert.deepEqual(await kit.store.stream('nobody'), [])
  },

  'stream: begins after the entry that was seen last': async (kit) => {
    await kit.add('a')
    assert.deepEqual(await kit.store.stream('a'), [])
    for (const chunk of ['1', '2', '3']) kit.store.write('a', line(kit, chunk))
    const after = async (n: number): Promise<number[]> => (await kit.store.stream('a', n)).map((entry) => entry.n)
    assert.deepEqual([await after(0), await after(2), await after(3), await after(9)], [[1, 2, 3], [3], [], []])
  },

  'explain: says why a task is where it is': async (kit) => {
    const claim = await kit.run('running', { keys: keyed('a') })
    await kit.add('held', { keys: keyed('a') })
    await kit.add('delayed', { delay: 500 })
    await kit.add('blocked', { needs: ['running'] })
    await kit.add('queued')
    await kit.add('overdue', { deadline: kit.now + 1 })
    await kit.finish('settled')
    const code = async (id: string): Promise<string | undefined> => (await kit.store.explain(id, kit.now))?.code
    const told = await Promise.all(
      ['running', 'held', 'delayed', 'blocked', 'queued', 'settled', 'nobody'].map((id) => code(id)),
    )
    assert.deepEqual(told, ['RUNNING', 'KEY_FULL', 'DELAYED', 'NEEDS', 'QUEUED', 'SETTLED', undefined])
    const held = await kit.store.explain('held', kit.now)
    assert.deepEqual(held?.code === 'KEY_FULL' && held.holders, [{ task: 'running', worker: 'w1', zombie: false }])
    await kit.complete('running', claim)
    assert.deepEqual([await code('held'), await code('blocked')], ['QUEUED', 'QUEUED'])
  },

  'known: gives the tasks of this process in submit order, and counts tells them by status': async (kit) => {
    assert.deepEqual({ ...kit.store.counts }, { pending: 0, running: 0, completed: 0, failed: 0, cancelled: 0 })
    await kit.finish('a')
    await kit.fail('b', await kit.run('b'))
    await kit.run('c')
    await kit.addAll(['d', 'e', 'f'])
    await kit.cancel('e')
    await kit.add('g', { needs: ['c'] })
    assert.deepEqual(
      Array.from(kit.store.known(), ({ id }) => id),
      ['a', 'b', 'c', 'd', 'e', 'f', 'g'],
    )
    assert.deepEqual({ ...kit.store.counts }, { pending: 3, running: 1, completed: 1, failed: 1, cancelled: 1 })
    await kit.store.forget({ at: kit.tick(), status: ['completed', 'cancelled'] })
    assert.deepEqual({ ...kit.store.counts }, { pending: 3, running: 1, completed: 0, failed: 1, cancelled: 0 })
  },
} satisfies Record<string, Guarantee>
