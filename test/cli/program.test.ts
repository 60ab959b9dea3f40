import { describe, expect, it } from 'vitest'
import { commands } from '../../src/cli/commands.ts'
import { offstage, project, start, withCli } from './kit.ts'

withCli()

describe('help', () => {
  it('lists every command, and the exit codes', async () => {
    const { code, stdout, stderr } = await offstage(['--help'], { cwd: project() })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    for (const { name, summary } of commands)
      expect(stdout).toMatch(new RegExp(`^  ${name} .*${summary.split(',')[0]}`, 'm'))
    expect(stdout).toContain('5 the wait timed out')
  })

  it('of a command shows its options, those of all commands, and examples', async () => {
    const { code, stdout } = await offstage(['submit', '--help'], { cwd: project() })
    expect(code).toBe(0)
    for (const text of ['[name]', '--key <text>', '--store <folder>', 'Examples:', '$ offstage submit research'])
      expect(stdout).toContain(text)
  })

  it('tells the version', async () => {
    expect((await offstage(['--version'], { cwd: project() })).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  })
})

describe('wrong usage exits with 2, says what is wrong, and prints nothing on stdout', () => {
  it.each([
    [[], 'Usage: offstage'],
    [['lst'], "unknown command 'lst'"],
    [['lst'], 'Did you mean list?'],
    [['list', '--stat', 'x'], "unknown option '--stat'"],
    [['list', 'more'], 'too many arguments'],
    [['status'], "missing required argument 'id'"],
    [['list', '--status', 'done'], '--status must be of pending, running, completed, failed, cancelled, got "done"'],
    [['list', '--page', '0'], '--page must be a whole number from 1'],
    [['list', '--page-size', '1e3'], '--page-size must be a whole number'],
    [['status', '../../etc/passwd'], '"../../etc/passwd" can be no id of a task'],
    [['status', ''], 'can be no id'],
    [['status', 'a\u202eb'], 'a\\u202eb'],
    [['clear', '--all', '--older-than', '1h'], '--all means of any age'],
    [['clear', '--status', 'running'], '--status must be of completed, failed, cancelled'],
    [['clear', '--older-than', 'soon'], '--older-than must be a duration'],
    [['wait', 'x', '--timeout', '5x'], '--timeout must be a duration'],
    [['completion', 'powershell'], 'Allowed choices are bash, zsh, fish'],
    [['schedule'], 'offstage schedule'],
    [['schedule', 'ad'], "unknown command 'ad'"],
    [['schedule', 'add', 'x'], "missing required argument 'when'"],
    [['schedule', 'add', 'x', '5m', '--misfire', 'never'], '--misfire must be once, skip or all'],
    [['schedule', 'add', 'x', 'evry monday 9am', '--message', 'hi'], 'did you mean'],
    [['schedule', 'add', 'x', '5m'], 'recipe must be given'],
    [['demo'], 'offstage demo comes later'],
    [['work'], 'offstage init writes one'],
    [['dev'], 'offstage init writes one'],
    [['list', '-c', 'nope.ts'], 'there is no config'],
  ])('%j', async (args, message) => {
    const { code, stdout, stderr } = await offstage(args, { cwd: project() })
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(message)
  })
})

describe('where there is no store', () => {
  it('there are no tasks, and none is made', async () => {
    const cwd = project()
    expect(await offstage(['list', '--json'], { cwd })).toMatchObject({ code: 0, stdout: '[]\n', stderr: '' })
    expect(await offstage(['status', 'abc'], { cwd })).toMatchObject({ code: 3, stdout: '' })
    expect((await offstage(['list'], { cwd, env: { OFFSTAGE_DIR: 'x' } })).stderr).toContain('there are no tasks')
    expect(await offstage(['doctor', '--json'], { cwd })).toMatchObject({ code: 0 })
  })
})

describe('errors', () => {
  it('are JSON on stderr under --json', async () => {
    const { stderr } = await offstage(['status', 'abc', '--json'], { cwd: project() })
    expect(JSON.parse(stderr)).toEqual({
      error: { code: 'NOT_FOUND', message: expect.stringContaining('no task abc') },
    })
  })
})

it('ends quietly when its reader does', async () => {
  const running = start(['--help'], { cwd: project() })
  running.child.stdout.destroy()
  expect(await running.ended).toMatchObject({ code: 0, stderr: '' })
})
