import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BackgroundRunner } from '../../src/runner/runner.ts'
import { FileScheduleStore } from '../../src/schedule/file-schedule-store.ts'

let dir = ''
const open: FileScheduleStore[] = []
const openStore = (): FileScheduleStore => {
  const store = new FileScheduleStore({ dir, durability: 'os' })
  open.push(store)
  return store
}
beforeEach(async () => {
  dir = join(await mkdtemp(join(tmpdir(), 'offstage-')), 'store')
})
afterEach(async () => {
  for (const store of open.splice(0)) await store.close()
  await rm(join(dir, '..'), { recursive: true, force: true })
})
const mail = { name: 'mail', when: 'every day at 7am', tz: 'Europe/Rome', message: 'Check email' }

describe('a store of schedules in a folder', () => {
  it('adds, lists, gets, updates and removes', async () => {
    const store = openStore()
    const added = await store.add(mail)
    expect(added).toMatchObject({ name: 'mail', tz: 'Europe/Rome', message: 'Check email', status: 'active' })
    expect((await store.list()).map(({ name }) => name)).toEqual(['mail'])
    expect((await store.get(added.id))?.name).toBe('mail')
    expect((await store.getByName('mail'))?.id).toBe(added.id)
    expect((await store.update('mail', { message: 'Mail!' })).message).toBe('Mail!')
    expect((await store.update(added.id, { when: 'hourly' })).when).toBe('hourly')
    expect(await store.remove('mail')).toBe(true)
    expect(await store.remove('mail')).toBe(false)
    expect([await store.get(added.id), await store.getByName('mail'), await store.list()]).toEqual([
      undefined,
      undefined,
      [],
    ])
  })

  it('tells ids from names', async () => {
    const store = openStore()
    const { id } = await store.add(mail)
    expect([await store.get('mail'), await store.getByName(id)]).toEqual([undefined, undefined])
  })

  it('is the same for every store on the folder, and for runners', async () => {
    const [one, two] = [openStore(), openStore()]
    const { id } = await one.add(mail)
    expect((await two.getByName('mail'))?.id).toBe(id)
    await two.update('mail', { message: 'Mail!' })
    expect((await one.getByName('mail'))?.message).toBe('Mail!')
    await using runner = new BackgroundRunner({ store: two.store, work: false })
    expect((await runner.schedules.list()).map((each) => each.id)).toEqual([id])
  })

  it('keeps its schedules when it is closed', async () => {
    const store = openStore()
    const { id } = await store.add(mail)
    await store.close()
    await store.close()
    expect((await openStore().get(id))?.message).toBe('Check email')
  })

  it('lets exactly one win of two that add one name at the same moment', async () => {
    const stores = [openStore(), openStore(), openStore()]
    await Promise.all(stores.map((store) => store.list()))
    const outcomes = await Promise.allSettled(stores.map((store, i) => store.add({ ...mail, message: `of ${i}` })))
    const won = outcomes.filter(({ status }) => status === 'fulfilled')
    expect(won).toHaveLength(1)
    const [{ id, message } = { id: '', message: '' }] = await (stores[0] as FileScheduleStore).list()
    for (const outcome of outcomes) {
      if (outcome.status === 'fulfilled') expect(outcome.value).toMatchObject({ id, message })
      else expect(outcome.reason).toMatchObject({ code: 'DUPLICATE_SCHEDULE', message: expect.stringContaining(id) })
    }
  })

  it('keeps owners apart', async () => {
    const store = openStore()
    const ada = await store.add({ ...mail, owner: 'ada' })
    const bob = await store.add({ ...mail, owner: 'bob' })
    expect(ada.id).not.toBe(bob.id)
    expect((await store.getByName('mail', { owner: 'bob' }))?.id).toBe(bob.id)
    expect(await store.get(ada.id, { owner: 'bob' })).toBeUndefined()
    expect(await store.remove(ada.id, { owner: 'bob' })).toBe(false)
    await expect(store.update(ada.id, { message: 'x' }, { owner: 'bob' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect((await store.list({ owner: 'ada' })).map(({ id }) => id)).toEqual([ada.id])
  })

  it('takes a recipe that nobody knows yet, and explains it', async () => {
    const store = openStore()
    const later = await store.add({ name: 'later', when: 'hourly', recipe: 'not-written-yet' })
    expect(later.recipe).toBe('not-written-yet')
    expect((await later.explain()).code).toMatch(/^(NO_SCHEDULER|UNKNOWN_RECIPE)$/)
  })

  it.each([
    ['an empty name', { ...mail, name: '' }],
    ['64 KB of a name', { ...mail, name: 'x'.repeat(65_536) }],
    ['NUL in a name', { ...mail, name: 'a\0b' }],
    ['a name that reverses text', { ...mail, name: 'a\u202eb' }],
    ['no name', { when: 'daily', message: 'x' }],
    ['garbage', { ...mail, when: 'cron:garbage' }],
    ['a day that never comes', { ...mail, when: '0 0 31 2 *' }],
    ['a zone that does not exist', { ...mail, tz: 'Mars/Olympus' }],
    ['a message and a recipe', { ...mail, recipe: 'x' }],
    ['neither', { name: 'x', when: 'daily' }],
    ['a recipe as a path', { name: 'x', when: 'daily', recipe: '../x' }],
    ['an option that nobody knows', { ...mail, timezone: 'UTC' }],
  ])('refuses %s, and changes nothing', async (_, options) => {
    const store = openStore()
    await expect(store.add(options as never)).rejects.toMatchObject({ name: expect.stringMatching(/Error$/) })
    expect(await store.list()).toEqual([])
  })

  it.each([['../x'], ['__proto__'], ['constructor'], ['C:\\x'], ['CON'], ['.'], ['..'], ['/etc/passwd'], ['-x']])(
    'takes the name %s as a name: it is no path and no key',
    async (name) => {
      const store = openStore()
      expect(await store.getByName(name)).toBeUndefined()
      const { id } = await store.add({ ...mail, name })
      expect((await store.getByName(name))?.id).toBe(id)
      expect(await store.remove(name)).toBe(true)
    },
  )

  it('takes two spellings of one name as two', async () => {
    const store = openStore()
    await store.add({ ...mail, name: 'caf\u00e9' })
    await store.add({ ...mail, name: 'cafe\u0301' })
    expect(await store.list()).toHaveLength(2)
  })

  it('opens nothing before it is used, and refuses what is no folder', () => {
    expect(new FileScheduleStore(join(dir, 'never')).store.name).toContain('never')
    expect(() => new FileScheduleStore('')).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
    expect(() => new FileScheduleStore({ folder: dir } as never)).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_OPTION' }),
    )
  })
})
