import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { scheduleCommands } from '../../src/cli/schedule-commands.ts'
import { type Ended, offstage, project, start, withCli } from './kit.ts'

withCli()

const recipes = `export const twice = { name: 'twice', run: async ({ n }) => n * 2 }`
const config = (more = '') => `import { twice } from './recipes.mjs'
export default { name: 'shop', recipes: [twice]${more} }`

/** A project with a config, and the command line in it. */
function place(more = '') {
  const cwd = project({ 'recipes.mjs': recipes, 'offstage.config.mjs': config(more) })
  const run = (...args: string[]): Promise<Ended> => offstage(['schedule', ...args], { cwd })
  const json = async (...args: string[]) => JSON.parse((await run(...args, '--json')).stdout)
  const add = (name: string, when: string, ...more: string[]): Promise<Ended> =>
    run('add', name, when, '--recipe', 'twice', '-i', '{"n":21}', ...more)
  return { cwd, run, json, add }
}

describe('offstage schedule', () => {
  it('adds, shows, changes, pauses, resumes and removes', async () => {
    const { run, json, add } = place()
    const { stdout, stderr } = await add('sales', 'weekdays at 9am', '--tz', 'Europe/Rome', '--max-runs', '3')
    const id = stdout.trim()
    expect(stderr).toMatch(/^next .* 09:00:00 Europe\/Rome, every weekday at 09:00/)
    expect(stderr).toContain('start one with: offstage work')
    expect(await json('list')).toMatchObject([{ id, name: 'sales', status: 'active', maxRuns: 3, input: { n: 21 } }])
    expect((await run('list')).stdout).toMatch(/sales +every weekday at 09:00, Europe\/Rome +active/)
    expect((await run('show', 'sales')).stdout).toContain('no worker is alive that would fire it')
    expect((await run('update', 'sales', '--when', 'every day at 7am')).stdout.trim()).toBe(id)
    expect(await json('show', id)).toMatchObject({ when: 'every day at 7am', tz: 'Europe/Rome', maxRuns: 3 })
    expect((await run('pause', 'sales')).stdout).toBe('sales is paused\n')
    expect((await run('pause', 'sales')).stdout).toBe('sales was not active\n')
    expect(await json('show', 'sales')).toMatchObject({
      status: 'paused',
      explanation: 'It is paused until somebody resumes it.',
    })
    expect((await run('resume', id)).stdout).toBe('sales fires again\n')
    expect(await json('remove', 'sales')).toEqual({ id, name: 'sales', changed: true })
    expect((await run('list')).stderr).toContain('there are no schedules in')
  })

  it('fires by hand and by a pass, and workers run what comes of it', async () => {
    const { cwd, run, json, add } = place()
    await add('beat', 'every 1 second', '--overlap', 'queue')
    const byHand = (await run('run', 'beat')).stdout.trim()
    expect(await json('history', 'beat')).toMatchObject([{ task: byHand, status: 'pending' }])
    let said = ''
    while (!said.includes('1 task fired')) said = (await run('tick')).stdout
    const [{ task, scheduledAt }] = (await json('history', 'beat')).slice(-1)
    expect(said).toContain(`beat  ${scheduledAt.slice(0, 10)} ${scheduledAt.slice(11, 19)} UTC  ${task}\n`)
    expect(await json('tick')).toEqual({
      fired: expect.any(Number),
      skipped: expect.any(Number),
      next: expect.any(String),
    })
    const { code, stderr } = await offstage(['work', '--until-idle', '--no-schedules', '--for', '20s'], { cwd })
    expect(code).toBe(0)
    expect(stderr).toContain('1 schedule')
    for (const { status } of await json('history', 'beat')) expect(status).toBe('completed')
    expect((await offstage(['wait', byHand], { cwd })).stdout).toBe('42\n')
    expect((await run('history', 'beat')).stdout).toMatch(/by hand .*completed/)
  })

  it('shows what fires next, and what clashes', async () => {
    const { run, json, add } = place()
    await add('a', '0 9 * * *')
    await add('b', '0 9 * * *')
    await add('c', '30 2 * * *', '--tz', 'Europe/Berlin')
    const span = ['--from', '2030-03-30T12:00Z', '--until', '2030-03-31T12:00Z']
    expect(await json('preview', ...span)).toMatchObject([
      { schedule: 'c', at: '2030-03-31T01:00:00.000Z', clash: 0, note: expect.stringContaining('DST') },
      { schedule: 'a', at: '2030-03-31T09:00:00.000Z', clash: 1 },
      { schedule: 'b', clash: 1 },
    ])
    expect((await run('preview', 'a', '--next', '2')).stdout.trim().split('\n')).toHaveLength(3)
    expect((await run('preview', ...span)).stdout).toContain('with 1 more in this minute')
  })

  it('moves from one store to another', async () => {
    const { cwd, run, json, add } = place()
    await add('a', 'every 5 minutes', '--jitter', '10s', '--until', '2090-01-01T00:00Z', '--owner', 'ada')
    await add('b', 'weekdays at 9am', '--paused')
    const exported = await json('export')
    writeFileSync(join(cwd, 'all.json'), JSON.stringify(exported))
    const other = (...args: string[]) => run(...args, '--store', join(cwd, 'other'))
    expect((await other('import', 'all.json')).stdout).toBe('added a\nadded b\n')
    expect((await other('import', 'all.json')).stdout).toBe('unchanged a\nunchanged b\n')
    expect(JSON.parse((await other('export', '--json')).stdout)).toEqual(exported)
  })

  it('makes them what the config declares, and touches no others', async () => {
    const { run, json, add } = place(
      `, schedules: [{ name: 'nightly', when: 'every day at 2am', recipe: 'twice', input: { n: 1 } }]`,
    )
    await add('mine', '5m')
    expect((await run('sync')).stdout).toBe('added nightly\n')
    expect((await run('sync', '--prune')).stdout).toBe('unchanged nightly\n')
    expect(await json('list')).toMatchObject([{ name: 'mine' }, { name: 'nightly', source: 'shop' }])
  })

  it('shows the help of all of them, and of each', async () => {
    const { run } = place()
    const all = await run('--help')
    expect(all).toMatchObject({ code: 0, stderr: '' })
    for (const { name } of scheduleCommands) expect(all.stdout).toMatch(new RegExp(`^  ${name} `, 'm'))
    const one = await run('add', '--help')
    expect(one).toMatchObject({ code: 0, stderr: '' })
    for (const text of ['offstage schedule add', '<name>', '<when>', '--misfire <policy>', '--store <folder>'])
      expect(one.stdout).toContain(text)
    expect((await run('add')).stderr).toContain('offstage schedule add --help')
  })

  it('prints nothing raw that comes from outside', async () => {
    const { run, json } = place()
    const message = '\u001b]0;title\u0007 a\u202eb'
    const name = 'a\u200fb\u061c'
    expect(await run('add', name, '5m', '--message', message)).toMatchObject({ code: 0 })
    expect(await json('show', name)).toMatchObject({ name, message })
    expect(await json('export')).toMatchObject([{ name, message }])
    const printed = [await run('show', name), await run('list'), await run('preview'), await run('show', message)]
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    for (const { stdout, stderr } of printed) expect(stdout + stderr).not.toMatch(/[\u001b\u0007\u202e\u200f\u061c]/)
    expect(printed[0]?.stdout).toContain('\\u001b')
    expect(printed[3]).toMatchObject({ code: 3, stdout: '' })
  })

  it('runs by hand and waits, updates, and lists of one owner', async () => {
    const { cwd, run, json, add } = place()
    await add('a', '1h', '--owner', 'ada')
    await add('b', '1h', '--paused')
    expect((await json('list', '--owner', 'ada')).map(({ name }: { name: string }) => name)).toEqual(['a'])
    expect((await json('list', '--status', 'paused')).map(({ name }: { name: string }) => name)).toEqual(['b'])
    expect(await run('show', 'b', '--owner', 'ada')).toMatchObject({ code: 3 })
    const waiting = start(['schedule', 'run', 'a', '--owner', 'ada', '--wait'], { cwd })
    await waiting.until('waiting')
    expect((await offstage(['work', '--until-idle', '--for', '30s'], { cwd })).code).toBe(0)
    expect(await waiting.ended).toMatchObject({ code: 0, stdout: '42\n' })
    expect((await offstage(['doctor'], { cwd })).stdout).toMatch(
      /^schedules +! 2: 1 active, 1 paused, 0 exhausted; no worker/m,
    )
  })

  it.each([
    [['show', 'nope'], 3, 'there is no schedule "nope"'],
    [['remove', 'nope'], 3, 'there is no schedule "nope"'],
    [['run', 'nope'], 3, 'there is no schedule'],
    [['pause', 'nope'], 3, 'there is no schedule "nope"'],
    [['resume', 'nope'], 3, 'there is no schedule'],
    [['history', 'nope'], 3, 'there is no schedule'],
    [['preview', 'nope'], 3, 'there is no schedule'],
    [['update', 'nope', '--when', '5m'], 3, 'there is no schedule'],
    [['add', 'x', '0 0 31 2 *', '--message', 'hi'], 2, 'schedule must be'],
    [['add', 'x', '*/0m', '--message', 'hi'], 2, 'schedule must be'],
    [['add', 'x', '5m', '--message', 'hi', '--tz', 'Mars/Base'], 2, 'tz must be a time zone'],
    [['add', 'x', '5m', '--message', 'hi', '--recipe', 'twice'], 2, 'recipe must be'],
    [['add', 'x', '5m', '--message', 'hi', '--until', 'soon'], 2, 'until must be'],
    [['add', '\u001b[2J', '5m', '--message', 'hi'], 2, 'name must be'],
    [['update', 'x'], 2, 'what is to be changed?'],
    [['import', 'nope.json'], 2, 'cannot be read (ENOENT)'],
    [['preview', '--from', 'noon'], 2, '--from must be a time'],
  ])('refuses %j', async (args, code, message) => {
    const { run, json } = place()
    const ended = await run(...args)
    expect(ended).toMatchObject({ code, stdout: '' })
    expect(ended.stderr).toContain(message)
    expect(ended.stderr).not.toMatch(/\n +at /)
    expect(await json('list')).toEqual([])
  })

  it('refuses a name that exists, and says whose it is', async () => {
    const { add, json } = place()
    const id = (await add('a', '5m')).stdout.trim()
    expect(await add('a', '10m')).toMatchObject({ code: 1, stderr: expect.stringContaining(`(id: ${id})`) })
    expect(await json('list')).toHaveLength(1)
  })

  it('warns of a recipe that the config does not know', async () => {
    const { run } = place()
    const { code, stderr } = await run('add', 'a', '5m', '--recipe', 'later')
    expect(code).toBe(0)
    expect(stderr).toContain('the config knows no recipe later')
  })
})
