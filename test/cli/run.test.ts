import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { offstage, project, start, withCli } from './kit.ts'

withCli()

const config = `
import { defineConfig, defineRecipe } from 'offstage'

const echo = defineRecipe({ name: 'echo', run: (input: unknown, { config, sessionId }) => ({ input, config, sessionId }) as never })
const text = defineRecipe({ name: 'text', run: () => 'two\\nlines \\x1b[2J' })
const loud = defineRecipe({
  name: 'loud',
  run: async (_: undefined, { log, write, progress, sleep }) => {
    await sleep(100)
    log.warn('careful \\x1b[2J', { a: 1 })
    write('written\\n')
    progress(1, 'done')
    return 1
  },
})
const fail = defineRecipe({ name: 'fail', run: () => { throw new Error('no \\x9b2J luck') } })
const hang = defineRecipe({ name: 'hang', run: (_: undefined, { signal, log }) => {
  log('hanging')
  return new Promise<number>((resolve) => signal.addEventListener('abort', () => setTimeout(resolve, 20, 1)))
} })
const deaf = defineRecipe({ name: 'deaf', run: (_: undefined, { log }) => {
  log('deaf')
  return new Promise<number>((resolve) => setTimeout(resolve, 60_000, 1))
} })
const number = { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) =>
  typeof value === 'number' ? { value } : { issues: [{ message: 'not a number' }] } } } as const
const square = defineRecipe({ name: 'square', inputSchema: number as never, run: (n: number) => n * n })
export default defineConfig({ recipes: [echo, text, loud, fail, hang, deaf, square], gracePeriod: '30s' })
`
const folder = (): string => project({ 'offstage.config.ts': config })

describe('offstage run', () => {
  it('prints the result alone on stdout', async () => {
    const { code, stdout, stderr } = await offstage(['run', 'echo', '-i', '{"a":[1]}'], { cwd: folder() })
    expect({ code, stderr, result: JSON.parse(stdout) }).toEqual({ code: 0, stderr: '', result: { input: { a: [1] } } })
  })

  it('prints text as it is, made safe, and exactly under --json', async () => {
    const cwd = folder()
    expect((await offstage(['run', 'text'], { cwd })).stdout).toBe('two\nlines \\u001b[2J\n')
    const { stdout } = await offstage(['run', 'text', '--json'], { cwd })
    expect(JSON.parse(stdout)).toBe('two\nlines \x1b[2J')
    expect(stdout).not.toContain('\x1b')
  })

  it('keeps members of any name', async () => {
    const input = '{"__proto__":{"a":1},"constructor":2}'
    const { stdout } = await offstage(['run', 'echo', '-i', input, '--json'], { cwd: folder() })
    expect(stdout).toBe(`{"input":${input}}\n`)
  })

  it('reads its input from a file and from stdin, and hands settings on', async () => {
    const cwd = folder()
    const input = join(cwd, 'input.json')
    const { stdout } = await offstage(
      ['run', '--recipe', 'echo', '-i', '-', '--recipe-config', '@offstage.json', '--session-id', 's1'],
      { cwd: project({ 'offstage.json': '{"deep":true}', 'offstage.config.ts': config }), stdin: '"Ä"' },
    )
    expect(JSON.parse(stdout)).toEqual({ input: 'Ä', config: { deep: true }, sessionId: 's1' })
    const missing = await offstage(['run', 'echo', '-i', `@${input}`], { cwd })
    expect(missing.code).toBe(2)
    expect(missing.stderr).toContain('cannot be read (ENOENT)')
  })

  it('prints logs, output and progress on stderr, made safe', async () => {
    const { stdout, stderr } = await offstage(['run', 'loud'], { cwd: folder() })
    expect(stdout).toBe('1\n')
    expect(stderr).toBe('warn  careful \\u001b[2J {"a":1}\nwritten\n100% done\n')
  })

  it('exits with 1 when the task fails', async () => {
    const { code, stdout, stderr } = await offstage(['run', 'fail'], { cwd: folder() })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^failed fail \(\w{22}\): ERROR: no \\u009b2J luck\n$/)
  })

  it('exits with 1 when its time is up', async () => {
    const { code, stderr } = await offstage(['run', 'hang', '--timeout', '50ms'], { cwd: folder() })
    expect(code).toBe(1)
    expect(stderr).toContain('TIMEOUT')
  })

  it.each([
    [['run'], 'which recipe?'],
    [['run', 'echo', '--recipe', 'text'], 'which recipe: "echo" or --recipe "text"?'],
    [['run', 'nope'], 'no recipe "nope" is known here; known are: echo, text'],
    [['run', '../x'], 'recipe must be an id'],
    [['run', 'square', '-i', '"x"'], 'input must be valid (not a number), got "x"'],
    [['run', 'echo', '-i', '{a:1}'], '--input is not JSON: "{a:1}"'],
    [['run', 'echo', '-i', '1e400'], 'input must be a finite number'],
    [['run', 'echo', '-i', '['.repeat(5_000) + ']'.repeat(5_000)], 'nested at most 128 deep'],
    [['run', 'echo', '-i', '"\\ud800"'], 'text without lone surrogates'],
    [['run', '--', '-x'], 'recipe must be an id'],
    [['run', 'echo', '--timeout', '5 minutes'], '--timeout must be a duration'],
    [['run', 'echo', '-c', 'nope.ts'], 'there is no config'],
  ])('exits with 2 for %j', async (args, message) => {
    const { code, stdout, stderr } = await offstage(args, { cwd: folder() })
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(message)
  })

  it('refuses input that is no UTF-8', async () => {
    const { code, stderr } = await offstage(['run', 'echo', '-i', '-'], {
      cwd: folder(),
      stdin: Buffer.from([0x22, 0xff, 0x22]),
    })
    expect(code).toBe(2)
    expect(stderr).toContain('--input - is not UTF-8 text')
  })

  it('says how to get a config where there is none', async () => {
    const { code, stderr } = await offstage(['run', 'echo'], { cwd: project() })
    expect(code).toBe(2)
    expect(stderr).toContain('offstage init writes one')
  })

  it('tells a config that throws with its file and the cause', async () => {
    const cwd = project({ 'offstage.config.ts': "throw new TypeError('no \\x1b key')" })
    const { code, stderr } = await offstage(['run', 'echo'], { cwd })
    expect(code).toBe(1)
    expect(stderr).toContain(`the config "${join(cwd, 'offstage.config.ts')}" cannot be used: no \\u001b key`)
    expect(stderr).toContain('TypeError: no \\u001b key\n    at ')
  })

  it('cancels by Ctrl-C, and waits for the grace', async () => {
    const running = start(['run', 'hang'], { cwd: folder() })
    await running.until('hanging')
    running.kill('SIGINT')
    const { code, stderr, stdout } = await running.ended
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' })
    expect(stderr).toMatch(/cancelled hang \(\w{22}\): Ctrl-C/)
  })

  it('ends at once by a second Ctrl-C', async () => {
    const running = start(['run', 'deaf'], { cwd: folder() })
    await running.until('deaf')
    running.kill('SIGINT')
    await running.until('once more ends it at once')
    running.kill('SIGINT')
    expect(await running.ended).toMatchObject({ code: null, signal: 'SIGINT' })
  })
})

describe('offstage init', () => {
  it('writes a config and a recipe that runs, without TypeScript or package.json', async () => {
    const cwd = project()
    const { code, stdout } = await offstage(['init'], { cwd })
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'wrote recipes/hello.ts\nwrote offstage.config.ts\n' })
    const ran = await offstage(['run', 'hello', '-i', '{"who":"Ada"}'], { cwd })
    expect({ code: ran.code, result: JSON.parse(ran.stdout) }).toEqual({ code: 0, result: { text: 'Hello, Ada!' } })
    expect(JSON.parse((await offstage(['run', 'hello', '--json'], { cwd })).stdout)).toEqual({ text: 'Hello, world!' })
  })

  it('overwrites nothing', async () => {
    const cwd = project({ 'offstage.config.mjs': 'mine', 'recipes/hello.ts': 'mine' })
    const { code, stdout } = await offstage(['init', '--json'], { cwd })
    expect({ code, ...JSON.parse(stdout) }).toEqual({ code: 0, written: [], kept: ['offstage.config.mjs'] })
    const other = project({ 'recipes/hello.ts': 'mine' })
    expect((await offstage(['init'], { cwd: other })).stdout).toContain('kept  recipes/hello.ts')
    expect(readFileSync(join(other, 'recipes/hello.ts'), 'utf8')).toBe('mine')
  })

  it.each([
    ['', '.offstage/\n'],
    ['node_modules', 'node_modules\n.offstage/\n'],
    ['/.offstage\n', '/.offstage\n'],
  ])('adds the store to .gitignore in a repository: %j', async (before, after) => {
    const cwd = project({ '.git/HEAD': '', '.gitignore': before })
    await offstage(['init'], { cwd })
    await offstage(['init'], { cwd })
    expect(readFileSync(join(cwd, '.gitignore'), 'utf8')).toBe(after)
  })
})
