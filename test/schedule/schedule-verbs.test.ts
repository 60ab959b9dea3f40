import { describe, expect, it } from 'vitest'
import { defineRecipe } from '../../src/runner/recipe.ts'
import { scheduleTools } from '../../src/schedule/tools.ts'
import { testRunner } from '../../src/testing/runner.ts'

const digest = defineRecipe({ name: 'digest', run: async ({ text }: { text: string }) => text.length })
const secret = defineRecipe({ name: 'secret', run: () => 'do not tell' })

function setUp(options = {}) {
  const { runner, clock } = testRunner({ recipes: [digest, secret] })
  const tools = scheduleTools(runner, { owner: 'ada', ...options })
  return { runner, clock, tools, schedules: runner.schedules }
}
const mail = { name: 'mail', schedule: 'every day at 7am', message: 'Check email' }

describe('schedule_add', () => {
  it('adds a schedule of the owner, and tells its id and when it runs', async () => {
    const { tools, schedules } = setUp()
    const told = await tools.schedule_add.execute(mail)
    const added = await schedules.get('mail', { owner: 'ada' })
    expect(told).toBe(`Schedule 'mail' added (id: ${added?.id}, every day at 7am).`)
    expect(added).toMatchObject({ name: 'mail', owner: 'ada', message: 'Check email', tz: 'UTC', status: 'active' })
    expect(added?.next).toEqual(new Date('2030-01-01T07:00:00Z'))
  })

  it('tells the zone where one was given; the one of the options is for those that name none', async () => {
    const { tools, schedules } = setUp({ tz: 'Europe/Rome' })
    expect(await tools.schedule_add.execute(mail)).toMatch(/, every day at 7am\)\.$/)
    const told = await tools.schedule_add.execute({ ...mail, name: 'early', tz: 'Asia/Tokyo' })
    expect(told).toMatch(/^Schedule 'early' added \(id: \w+, every day at 7am, tz=Asia\/Tokyo\)\.$/)
    expect((await schedules.get('mail', { owner: 'ada' }))?.next).toEqual(new Date('2030-01-01T06:00:00Z'))
    expect((await schedules.get('early', { owner: 'ada' }))?.tz).toBe('Asia/Tokyo')
  })

  it('takes the page’s limits', async () => {
    const { tools, schedules } = setUp()
    await tools.schedule_add.execute({ ...mail, max_runs: 3, until: '2030-02-01T00:00:00Z' })
    expect(await schedules.get('mail', { owner: 'ada' })).toMatchObject({
      maxRuns: 3,
      until: new Date('2030-02-01T00:00:00Z'),
    })
  })

  it('tells that the name is taken, and by which', async () => {
    const { tools, schedules } = setUp()
    await tools.schedule_add.execute(mail)
    const { id } = (await schedules.get('mail', { owner: 'ada' })) ?? {}
    const taken = `A schedule named 'mail' already exists (id: ${id}). Remove it first or choose a different name.`
    expect(await tools.schedule_add.execute(mail)).toBe(taken)
    await tools.schedule_pause.execute({ name: 'mail' })
    expect(await tools.schedule_add.execute(mail)).toBe(taken)
  })

  it('lets exactly one of several win that add the same name at the same moment', async () => {
    const { tools, schedules } = setUp()
    const told = await Promise.all(Array.from({ length: 5 }, () => tools.schedule_add.execute(mail)))
    expect(told.filter((each) => each.startsWith("Schedule 'mail' added"))).toHaveLength(1)
    expect(told.filter((each) => each.startsWith("A schedule named 'mail' already exists"))).toHaveLength(4)
    expect(await schedules.list()).toHaveLength(1)
  })

  it('takes a name again once it is free', async () => {
    const { tools } = setUp()
    await tools.schedule_add.execute(mail)
    await tools.schedule_remove.execute({ name: 'mail' })
    expect(await tools.schedule_add.execute(mail)).toMatch(/^Schedule 'mail' added/)
  })

  it.each([
    ['*/0m'],
    ['every 0 minutes'],
    ['in -5 minutes'],
    ['at:garbage'],
    ['cron:garbage'],
    ['cron:0 0 31 2 *'],
    ['tomorow at 5pm'],
    ['9'.repeat(256)],
    ['1-59/9999999 * * * *'],
    ['0 0 30 2 *'],
    [`${'1,'.repeat(10_000)}1 * * * *`],
    ['at:+275760-09-13T00:00:01Z'],
  ])('tells in words why %s cannot be', async (schedule) => {
    const { tools, schedules } = setUp()
    expect(await tools.schedule_add.execute({ ...mail, schedule })).toMatch(/^Error adding schedule: .{10,}/)
    expect(await schedules.list()).toEqual([])
  })

  it.each([
    ['an empty name', { ...mail, name: '' }],
    ['64 KB of a name', { ...mail, name: 'x'.repeat(65_536) }],
    ['a name with NUL', { ...mail, name: 'a\0b' }],
    ['a name that reverses text', { ...mail, name: 'a\u202eb' }],
    ['a name with a line break', { ...mail, name: "a\nSchedule 'b' removed." }],
    ['a zone that does not exist', { ...mail, tz: 'Mars/Olympus' }],
    ['a year that does not exist', { ...mail, until: '+275760-13-01T00:00:00Z' }],
    ['no times', { ...mail, max_runs: 0 }],
    ['half a time', { ...mail, max_runs: 1.5 }],
    ['a long message', { ...mail, message: 'x'.repeat(4_001) }],
    ['no message', { name: 'mail', schedule: 'daily' }],
    ['an owner', { ...mail, owner: 'bob' }],
    ['a recipe where none may be run', { ...mail, recipe: 'secret' }],
    ['a command', { ...mail, command: 'rm -rf /' }],
    ['no object', 'daily'],
    ['nothing', undefined],
  ])('tells in words that %s cannot be', async (_, input) => {
    const { tools, schedules } = setUp()
    const told = await tools.schedule_add.execute(input as never)
    expect(told).toMatch(/^Error adding schedule: /)
    expect(told.length).toBeLessThan(600)
    expect(told).not.toMatch(/[\p{Cc}\u202e]/u)
    expect(await schedules.list()).toEqual([])
  })

  it.each([['../x'], ['__proto__'], ['constructor'], ['C:\\CON'], ['-rf'], ['.'], ['Äpfel kaufen']])(
    'keeps the name %s as it is: a name is never a path or a key',
    async (name) => {
      const { tools } = setUp()
      expect(await tools.schedule_pause.execute({ name })).toMatch(/^Schedule '.*' not found\.$/)
      expect(await tools.schedule_add.execute({ ...mail, name })).toMatch(
        /^Schedule '.*' added|^Error adding schedule: name /,
      )
    },
  )

  it('stops at as many schedules as the options say', async () => {
    const { tools, schedules } = setUp({ maxSchedules: 2 })
    for (const name of ['a', 'b']) await tools.schedule_add.execute({ ...mail, name })
    expect(await tools.schedule_add.execute({ ...mail, name: 'c' })).toBe(
      'Error adding schedule: there may be 2 schedules at once; remove one first',
    )
    expect(await tools.schedule_add.execute({ ...mail, name: 'a' })).toMatch(/already exists/)
    await tools.schedule_remove.execute({ name: 'a' })
    expect(await tools.schedule_add.execute({ ...mail, name: 'c' })).toMatch(/^Schedule 'c' added/)
    expect(await schedules.list({ owner: 'ada', status: 'active' })).toHaveLength(2)
  })

  it('schedules a chosen recipe, with its input as JSON', async () => {
    const { runner } = setUp()
    const tools = scheduleTools(runner, { owner: 'ada', recipes: ['digest'] })
    const run = { name: 'd', schedule: 'hourly', recipe: 'digest' }
    expect(await tools.schedule_add.execute({ ...run, input: '{"text":"abc"}' })).toMatch(/^Schedule 'd' added/)
    expect(await runner.schedules.get('d', { owner: 'ada' })).toMatchObject({
      recipe: 'digest',
      input: { text: 'abc' },
    })
    for (const wrong of [
      { ...run, name: 'e', input: '{"text":' },
      { ...run, name: 'e', recipe: 'secret' },
      { ...run, name: 'e', message: 'both' },
      { name: 'e', schedule: 'hourly' },
    ])
      expect(await tools.schedule_add.execute(wrong)).toMatch(/^Error adding schedule: /)
  })
})

describe('schedule_list', () => {
  it('says so when there are none', async () => {
    const { tools } = setUp()
    expect(await tools.schedule_list.execute({})).toBe('No schedules found. Use schedule_add to create one.')
  })

  it('lists those of the owner, one a line', async () => {
    const { tools, schedules, runner } = setUp({ tz: 'Europe/Rome' })
    await tools.schedule_add.execute(mail)
    await tools.schedule_add.execute({ name: 'stretch', schedule: 'every 2 hours', message: 'Stretch' })
    await tools.schedule_pause.execute({ name: 'stretch' })
    await scheduleTools(runner, { owner: 'bob' }).schedule_add.execute({ ...mail, name: 'of bob' })
    const [a, b] = await schedules.list({ owner: 'ada' })
    expect(await tools.schedule_list.execute({})).toBe(
      [
        'Found 2 schedule(s):',
        `- mail (id: ${a?.id}) [enabled] every day at 7am, next run 2030-01-01 07:00:00 Europe/Rome: Check email`,
        `- stretch (id: ${b?.id}) [paused] every 2 hours, no next run: Stretch`,
      ].join('\n'),
    )
  })
})

describe('schedule_remove, schedule_pause, schedule_resume', () => {
  it('tell what they did, and what needed no doing', async () => {
    const { tools } = setUp()
    await tools.schedule_add.execute(mail)
    const name = 'mail'
    expect(await tools.schedule_resume.execute({ name })).toBe("Schedule 'mail' is already active.")
    expect(await tools.schedule_pause.execute({ name })).toBe("Schedule 'mail' paused.")
    expect(await tools.schedule_pause.execute({ name })).toBe("Schedule 'mail' is already paused.")
    expect(await tools.schedule_resume.execute({ name })).toBe("Schedule 'mail' resumed.")
    expect(await tools.schedule_remove.execute({ name })).toBe("Schedule 'mail' removed.")
    for (const tool of [tools.schedule_remove, tools.schedule_pause, tools.schedule_resume])
      expect(await tool.execute({ name })).toBe("Schedule 'mail' not found.")
  })

  it('take an id as well', async () => {
    const { tools, schedules } = setUp()
    await tools.schedule_add.execute(mail)
    const [{ id } = { id: '' }] = await schedules.list()
    expect(await tools.schedule_remove.execute({ name: id })).toBe("Schedule 'mail' removed.")
  })
})

describe('schedule_update', () => {
  it('changes what was given and names it', async () => {
    const { tools, schedules } = setUp()
    await tools.schedule_add.execute(mail)
    const told = await tools.schedule_update.execute({ name: 'mail', schedule: 'hourly', message: 'Mail!' })
    expect(told).toBe("Schedule 'mail' updated (schedule, message).")
    expect(await schedules.get('mail', { owner: 'ada' })).toMatchObject({ when: 'hourly', message: 'Mail!' })
    expect(await tools.schedule_update.execute({ name: 'mail', tz: 'Asia/Tokyo', max_runs: 9 })).toBe(
      "Schedule 'mail' updated (tz, max_runs).",
    )
  })

  it('says so when nothing changes', async () => {
    const { tools } = setUp()
    await tools.schedule_add.execute(mail)
    const unchanged = "Schedule 'mail' unchanged (nothing to update)."
    expect(await tools.schedule_update.execute({ name: 'mail' })).toBe(unchanged)
    expect(await tools.schedule_update.execute(mail)).toBe(unchanged)
  })

  it('tells in words what cannot be, and changes nothing', async () => {
    const { tools, schedules } = setUp()
    await tools.schedule_add.execute(mail)
    expect(await tools.schedule_update.execute({ name: 'x', schedule: 'daily' })).toBe("Schedule 'x' not found.")
    const told = await tools.schedule_update.execute({ name: 'mail', schedule: 'cron:garbage', message: 'x' })
    expect(told).toMatch(/^Error updating schedule: /)
    expect(await schedules.get('mail', { owner: 'ada' })).toMatchObject({
      when: 'every day at 7am',
      message: 'Check email',
    })
  })
})

describe('owners', () => {
  it('never see each other’s schedules, though names are equal', async () => {
    const { tools, runner } = setUp()
    const bob = scheduleTools(runner, { owner: 'bob' })
    expect(await tools.schedule_add.execute(mail)).toMatch(/^Schedule 'mail' added/)
    expect(await bob.schedule_list.execute({})).toMatch(/^No schedules found/)
    const [{ id } = { id: '' }] = await runner.schedules.list()
    for (const name of ['mail', id]) {
      const none = `Schedule '${name}' not found.`
      expect(await bob.schedule_remove.execute({ name })).toBe(none)
      expect(await bob.schedule_pause.execute({ name })).toBe(none)
      expect(await bob.schedule_resume.execute({ name })).toBe(none)
      expect(await bob.schedule_update.execute({ name, message: 'mine' })).toBe(none)
    }
    expect(await bob.schedule_add.execute({ ...mail, message: 'of bob' })).toMatch(/^Schedule 'mail' added/)
    expect(await bob.schedule_remove.execute({ name: 'mail' })).toBe("Schedule 'mail' removed.")
    expect(await tools.schedule_list.execute({})).toMatch(/Check email$/)
  })

  it('are not mixed up with nobody: tools without an owner see what has none', async () => {
    const { tools, runner } = setUp()
    const nobody = scheduleTools(runner)
    await tools.schedule_add.execute(mail)
    expect(await nobody.schedule_list.execute({})).toMatch(/^No schedules found/)
    expect(await nobody.schedule_remove.execute({ name: 'mail' })).toBe("Schedule 'mail' not found.")
    expect(await nobody.schedule_add.execute({ ...mail, message: 'of nobody' })).toMatch(/^Schedule 'mail' added/)
    expect(await nobody.schedule_list.execute({})).toMatch(/of nobody$/)
    expect(await nobody.schedule_remove.execute({ name: 'mail' })).toBe("Schedule 'mail' removed.")
    expect(await tools.schedule_list.execute({})).toMatch(/Check email$/)
  })

  it('must be somebody where they are named', () => {
    const { runner } = setUp()
    for (const owner of [undefined, '', 7, 'a\0'])
      expect(() => scheduleTools(runner, { owner } as never)).toThrow(/^owner must be text/)
  })
})
