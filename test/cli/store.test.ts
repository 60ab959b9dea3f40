import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { defineRecipe } from '../../src/runner/recipe.ts'
import { BackgroundRunner } from '../../src/runner/runner.ts'
import { FileStore } from '../../src/store/file/store.ts'
import { type Ended, offstage, project, withCli } from './kit.ts'

withCli()

const done = defineRecipe({ name: 'done', run: () => 'result' })
const later = defineRecipe({ name: 'later', run: () => 'later' })

/** A project with a store that this process works on. */
async function place(files: Readonly<Record<string, string>> = {}) {
  const cwd = project(files)
  const store = new FileStore({ dir: join(cwd, '.offstage') })
  const runner = new BackgroundRunner({ store, recipes: [done, later], autoCleanup: false })
  onTestFinished(async () => {
    await runner.stop()
    await store.close()
  })
  const run = (...args: string[]): Promise<Ended> => offstage(args, { cwd })
  const json = async (...args: string[]) => JSON.parse((await run(...args, '--json')).stdout)
  return { cwd, store, runner, run, json }
}

const idsOf = (tasks: { id: string }[]): string[] => tasks.map(({ id }) => id)

describe('offstage list', () => {
  it('shows pages, newest first, and everything under --json', async () => {
    const { runner, run, json } = await place()
    const items = Array.from({ length: 120 }, (_, i) => ({ recipe: done, options: { id: `t${i}` } }))
    await runner.submitMany(items)
    expect(idsOf(await json('list'))).toEqual(items.map((_, i) => `t${119 - i}`))
    expect(idsOf(await json('list', '--page', '2', '--page-size', '3'))).toEqual(['t116', 't115', 't114'])
    expect(idsOf(await json('list', '--page', '9'))).toEqual([])
    const { stdout, stderr } = await run('list')
    expect(stdout.trim().split('\n')).toHaveLength(51)
    expect(stderr).toContain('page 1 of 3, 120 tasks; --page 2 shows more')
  })

  it('narrows by status and recipe', async () => {
    const { runner, json } = await place()
    await (await runner.submitRecipe(done, undefined, { id: 'a' })).wait()
    await runner.submitRecipe(later, undefined, { id: 'b', delay: '1h' })
    await (await runner.submitRecipe(later, undefined, { id: 'c', delay: '1h' })).cancel('no')
    expect(idsOf(await json('list', '--status', 'pending,cancelled'))).toEqual(['c', 'b'])
    expect(idsOf(await json('list', '--recipe', 'later', '--status', 'pending'))).toEqual(['b'])
  })

  it('keeps its lines, whatever tasks are called and say', async () => {
    const { runner, store, run, json } = await place()
    const name = '世\u200b界 \x1b]0;x\x07\r\n'
    const task = await runner.submitRecipe(later, undefined, { id: 'a', delay: '1h' })
    const { spec } = (await store.get('a')) ?? {}
    // who writes the folder need not go through our checks
    if (spec !== undefined) await store.submit([{ ...spec, task: 'b', name }])
    await task.cancel('gone\u200d')
    const { stdout } = await run('list')
    expect(stdout.trim().split('\n')).toHaveLength(3)
    expect(stdout).toContain('世\\u200b界 \\u001b]0;x\\u0007\\u000d\\u000a')
    expect(stdout).toContain('gone\\u200d')
    expect(await json('list')).toMatchObject([{ name }, { reason: 'gone\u200d' }])
  })
})

describe('the beginning of an id', () => {
  it('is enough while one task has it; an id that is whole always is', async () => {
    const { runner, run, json } = await place()
    for (const id of ['abc', 'abcd', 'abxy'])
      await runner.submitRecipe(later, undefined, { id, delay: '1h', name: 'n\u200b' })
    expect((await json('status', 'abx')).id).toBe('abxy')
    expect((await json('status', 'abc')).id).toBe('abc')
    const several = await run('status', 'ab')
    expect(several).toMatchObject({ code: 2, stdout: '' })
    expect(several.stderr).toContain('3 tasks begin with ab; give more of the id:')
    for (const id of ['abc', 'abcd', 'abxy']) expect(several.stderr).toContain(`  ${id}  pending  n\\u200b`)
    expect(await run('status', 'x')).toMatchObject({ code: 3, stdout: '' })
    for (const id of ['__proto__', 'constructor', 'CON', '.', '..', 'a\\b', 'x'.repeat(65_536)])
      expect((await run('status', '--', id)).code).toBeGreaterThanOrEqual(2)
  })
})

describe('offstage status and explain', () => {
  it('say why a task is where it is', async () => {
    const { runner, run, json } = await place()
    const task = await runner.submitRecipe(later, undefined, { id: 'a', delay: '1h', tags: ['x'], owner: 'ada' })
    const { sentence } = await task.explain()
    expect((await run('explain', 'a')).stdout).toBe(`${sentence}\n`)
    expect(await json('explain', 'a')).toMatchObject({ code: 'DELAYED', sentence })
    expect(await json('status', 'a')).toMatchObject({ ...task.toJSON(), explanation: { code: 'DELAYED', sentence } })
    const { stdout } = await run('status', 'a')
    for (const line of [/^id +a$/m, /^state +pending.delayed$/m, /^owner +ada$/m, /^due .* \(in 1h|59m/m])
      expect(stdout).toMatch(line)
    expect(stdout).toContain(sentence)
  })
})

describe('offstage cancel', () => {
  it('tells of each, and exits with 1 if one had ended', async () => {
    const { runner, run } = await place()
    await (await runner.submitRecipe(done, undefined, { id: 'done' })).wait()
    await runner.submitRecipe(later, undefined, { id: 'later', delay: '1h' })
    const both = await run('cancel', 'done', 'later')
    expect(both).toMatchObject({ code: 1, stdout: 'later cancelled\n', stderr: 'done had ended before: completed\n' })
    expect((await runner.get('later'))?.outcome).toMatchObject({ status: 'cancelled' })
  })

  it('cancels none if one is not there', async () => {
    const { runner, run } = await place()
    const task = await runner.submitRecipe(later, undefined, { id: 'later', delay: '1h' })
    expect((await run('cancel', 'later', 'nope')).code).toBe(3)
    expect((await task.refresh()).status).toBe('pending')
  })
})

describe('offstage retry', () => {
  it('submits what has ended once more, with the same input', async () => {
    const { runner, run, json } = await place()
    const input = { text: 'x'.repeat(100_000) }
    const task = await runner.submitRecipe<never>('later', input as never, { id: 'a', delay: '1h', tags: ['x'] })
    expect((await run('retry', 'a')).code).toBe(2)
    await task.cancel()
    const again = await json('retry', 'a')
    expect(again).toMatchObject({ retryOf: 'a', tags: ['x'], recipe: 'later' })
    expect(await (await runner.get(again.id))?.wait()).toBe('later')
  })
})

describe('offstage clear', () => {
  it('forgets what ended long enough ago, and says what it kept and why', async () => {
    const { runner, run, json } = await place()
    const needed = await runner.submitRecipe(done, undefined, { id: 'needed' })
    await needed.wait()
    await (await runner.submitRecipe(done, undefined, { id: 'done' })).wait()
    await (await runner.submitRecipe(later, undefined, { id: 'no', delay: '1h' })).cancel()
    await runner.submitRecipe(later, undefined, { id: 'open', delay: '1h', needs: [needed] })
    expect(await json('clear')).toEqual({ dryRun: false, forgotten: 0, kept: [], unfinished: 1, younger: 3 })
    const kept = [{ id: 'needed', why: 'an unfinished task needs it' }]
    const dry = await run('clear', '--all', '--dry-run')
    expect(dry).toMatchObject({ code: 0, stdout: 'done\nno\n' })
    expect(dry.stderr).toBe(
      'would forget 2 tasks\nkept 1 task that has not ended\nkept needed: an unfinished task needs it\n',
    )
    expect(await json('clear', '--older-than', '0', '--status', 'cancelled')).toMatchObject({ forgotten: 1, kept: [] })
    expect(await json('clear', '--all')).toEqual({ dryRun: false, forgotten: 1, kept, unfinished: 1, younger: 0 })
    expect(idsOf(await json('list'))).toEqual(['open', 'needed'])
  })
})

describe('offstage doctor', () => {
  it('finds damage, and exits with 1', async () => {
    const { cwd, runner, run, json } = await place()
    await (await runner.submitRecipe(done, undefined, { id: 'done' })).wait()
    const well = await run('doctor')
    expect(well).toMatchObject({ code: 0, stderr: '' })
    expect(well.stdout).toMatch(/^damage +none$/m)
    expect(well.stdout).toMatch(/^worker .*: beat \S+ ago$/m)
    const [segment = ''] = readdirSync(join(cwd, '.offstage/journal'))
    appendFileSync(join(cwd, '.offstage/journal', segment), '\ndeadbeef {"type":"forget","task":"done"}\n')
    const report = await json('doctor')
    expect(report.ok).toBe(false)
    expect(report.findings).toContainEqual(expect.objectContaining({ what: 'damage', state: 'wrong' }))
    expect(await run('doctor')).toMatchObject({ code: 1 })
  })

  it('shows no secrets', async () => {
    const cwd = project({
      'offstage.config.mjs': "throw new Error('redis://u:pw@host refused ' + process.env.MY_API_KEY)",
    })
    const env = { MY_API_KEY: 'k-123456', OFFSTAGE_TOKEN: 't-123456', OFFSTAGE_URL: 'https://a:b@c/' }
    const { code, stdout } = await offstage(['doctor'], { cwd, env })
    expect(code).toBe(1)
    expect(stdout).not.toMatch(/123456|:pw|a:b/)
    expect(stdout).toContain('redis://***@host refused ***')
    expect(stdout).toMatch(/^OFFSTAGE_TOKEN +\*\*\*$/m)
  })
})

describe('offstage backup', () => {
  it('copies a store that is in use', async () => {
    const { cwd, runner, run, json } = await place()
    await (await runner.submitRecipe(done, undefined, { id: 'done' })).wait()
    const { code, stdout } = await run('backup', 'copy')
    expect(code).toBe(0)
    expect(stdout).toMatch(new RegExp(`^copied \\d+ files, .* to ${join(cwd, 'copy')}\\n$`))
    expect(await json('list', '--store', 'copy')).toEqual(await json('list'))
    const again = await run('backup', 'copy')
    expect(again.code).toBe(1)
    expect(again.stderr).toContain('error')
  })
})

describe('a store of a newer format', () => {
  it('is refused by every command, with what to do', async () => {
    const files = { 'offstage.config.mjs': "export default { recipes: [{ name: 'done', run: () => 1 }] }" }
    const { cwd, runner, run } = await place(files)
    await runner.submitRecipe(done)
    const path = join(cwd, '.offstage/store.json')
    writeFileSync(path, readFileSync(path, 'utf8').replace('"format":1', '"format":99'))
    for (const command of [
      ['list'],
      ['work'],
      ['work', '--until-idle'],
      ['submit', 'done'],
      ['cancel', 'x'],
      ['clear'],
    ]) {
      const { code, stdout, stderr } = await run(...command)
      expect({ command, code, stdout }).toEqual({ command, code: 1, stdout: '' })
      expect(stderr).toMatch(/has format 99.*use a newer version/)
    }
    expect(await run('doctor')).toMatchObject({ code: 1, stdout: expect.stringContaining('has format 99') })
  })
})
