import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Ended, offstage, withCli } from './kit.ts'
import { type Deed, storeOf, submitOf } from './store-of.ts'

withCli()

const root = fileURLToPath(new URL('../..', import.meta.url))
const keys = [{ key: 'key:mail', limit: 1 }]
const claim = 'c1'

/** Mail fails, and is late; others are there, too. */
const incident: readonly Deed[] = [
  submitOf('other', { keys }),
  { type: 'start', task: 'other', at: 1_001, run: 1, claim: 'c0', worker: 'w1' },
  submitOf('need'),
  { type: 'start', task: 'need', at: 1_001, run: 1, claim: 'cn', worker: 'w1' },
  {
    type: 'complete',
    task: 'need',
    at: 1_002,
    claim: 'cn',
    result: 'it\'s `$1` */ </script> \u2028 \u202e "q" \\ \n',
  },
  submitOf('mail', { keys, needs: ['need'], input: JSON.parse('{"__proto__":{"a":1},"constructor":2,"*/":"`"}') }),
  { type: 'start', task: 'mail', at: 1_003, run: 1, claim, worker: 'w2' },
  { type: 'complete', task: 'other', at: 1_004, claim: 'c0' },
  { type: 'start', task: 'mail', at: 1_005, run: 1, claim, worker: 'w2' },
  { type: 'expire', worker: 'w2', at: 1_006 },
  { type: 'complete', task: 'mail', at: 1_007, claim, result: 'late' },
  { type: 'start', task: 'mail', at: 1_008, run: 2, claim: 'c2', worker: 'w1' },
  { type: 'fail', task: 'mail', at: 1_009, claim: 'c2', error: { code: 'ERROR', message: 'no luck' } },
]

function exported(cwd: string, ...args: string[]): Promise<Ended> {
  return offstage(['export-test', ...args], { cwd, env: { SMTP_PASSWORD: 'correct horse' } })
}
async function text(cwd: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await exported(cwd, ...args)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return stdout
}

/** Runs tests as their owner would, with the machines of these sources. */
async function run(...tests: readonly string[]): Promise<boolean[]> {
  mkdirSync(join(root, '.build'), { recursive: true })
  const folder = mkdtempSync(join(root, '.build/export-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const machines = JSON.stringify(join(root, 'src/machines/index.ts'))
  writeFileSync(
    join(folder, 'vitest.config.mjs'),
    `export default { resolve: { alias: { 'offstage/machines': ${machines} } }, test: { include: ['*.test.ts'], reporters: ['json'] } }`,
  )
  for (const [i, each] of tests.entries()) writeFileSync(join(folder, `${i}.test.ts`), each)
  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  const args = [vitest, 'run', '--root', folder, '--config', join(folder, 'vitest.config.mjs')]
  const stdout = await promisify(execFile)(process.execPath, args, { cwd: folder }).then(
    (done) => done.stdout,
    (error: { stdout: string }) => error.stdout,
  )
  const { testResults } = JSON.parse(stdout) as {
    testResults: { name: string; assertionResults: { status: string }[] }[]
  }
  const sorted = testResults.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))
  return sorted.map(({ assertionResults }) => assertionResults.length === 1 && assertionResults[0]?.status === 'passed')
}

describe('offstage export-test', () => {
  it('writes a test that passes, and fails when a verdict, an outcome, a state or a run in it is another', async () => {
    const test = await text(await storeOf(incident), 'mail')
    const altered = [
      ["'KEY_FULL'", "'accepted'"],
      ["'FENCED'", "'STATE'"],
      ["message: 'no luck' } }", "message: 'luck' } }"],
      ["state: 'failed'", "state: 'completed'"],
      ['run: 2,\n', 'run: 1,\n'],
    ].map(([from = '', to = '']) => {
      expect(test).toContain(from)
      return test.replace(from, to)
    })
    expect(await run(test, ...altered)).toEqual([true, false, false, false, false, false])
  })

  it('has what decided about the task, and says what it is', async () => {
    const test = await text(await storeOf([submitOf('stranger'), ...incident, submitOf('later')]), 'mail')
    expect(test).toMatch(
      /^\/\/ What happened, as a test\. Made by: offstage export-test mail \(offstage \d+\.\d+\.\d+\)\n/,
    )
    expect(test).toContain("from 'offstage/machines'")
    expect(test).toContain("it('task mail (name of mail): failed', () => {")
    expect(test).not.toContain(' e: ')
    expect(test).not.toContain('stranger')
    expect(test).not.toContain('later')
    expect(test.split('\n').filter((line) => line.length > 120)).toEqual([])
  })

  it('writes nothing that ends a text, a comment or a script, or turns a line', async () => {
    const test = await text(await storeOf([...incident, submitOf('*/\u2028x')]), '--from', '1970-01-01')
    expect(test).not.toMatch(/[^\n -~]/)
    expect(test).not.toMatch(/<\/script/i)
    expect(test).toContain("['__proto__']: { a: 1 }")
    expect(test).toContain("it\\'s `$1` */")
    expect(await run(test)).toEqual([true])
  })

  it('hides secrets, the same everywhere, and keeps apart what was apart', async () => {
    const secret = 'correct horse'
    const cwd = await storeOf([
      submitOf('a', {
        input: { password: 'hunter2', url: 'redis://me:pw@host' },
        idempotencyKey: 'token=one',
        fingerprint: secret,
      }),
      submitOf('b', { input: secret, idempotencyKey: 'token=two', fingerprint: `${secret}!` }),
      submitOf('c', { input: { note: `is ${secret}` }, idempotencyKey: 'token=two', fingerprint: `${secret}!` }),
      { type: 'cancel', task: 'a', at: 1_001, reason: `token=abc ${secret}` },
    ])
    const test = await text(cwd, '--from', '1970-01-01')
    expect(test).not.toMatch(/hunter2|pw@|correct horse|token=(?!\*)|abc/)
    expect(test).toMatch(/Secrets are hidden in \d+ places/)
    expect(test.match(/'(accepted|DEDUP|KEY_CONFLICT)'/g)).toEqual([
      "'accepted'",
      "'accepted'",
      "'DEDUP'",
      "'accepted'",
    ])
    expect(await run(test)).toEqual([true])
  })

  it('cuts what is too long, and says so', async () => {
    const cwd = await storeOf([
      submitOf('a', { input: 'x'.repeat(20_000), metadata: { list: Array.from({ length: 9_000 }, () => 7) } }),
    ])
    const test = await text(cwd, 'a')
    expect(test).toContain('2 values longer than 16 KB are cut.')
    expect(test).toContain('xxx… (cut: 20,000 characters)'.replace('…', '\u2026'))
    expect(test.length).toBeLessThan(20_000)
    expect(await run(test)).toEqual([true])
  })

  it('begins with what the store held, where the slice begins later', async () => {
    const filler = Array.from({ length: 200 }, (_, i) => submitOf(`x${i}`))
    const tidy: Deed = (store) => store.tidy({ olderThan: 0 })
    const cwd = await storeOf([...incident.slice(0, 9), ...filler, tidy, ...incident.slice(9)], {
      segmentEvents: 40,
      historyFor: 0,
    })
    const test = await text(cwd, 'mail')
    expect(test).toContain('The journal does not reach back to the beginning of it all.')
    expect(test).toContain("leaf: 'running.executing'")
    const later = await text(cwd, '--from', '1970-01-01T00:00:01.006Z', '--to', '1970-01-01T00:00:01.007Z')
    expect(later).toContain("['FENCED', ")
    expect(await run(test, later, later.replace("'FENCED'", "'STATE'"))).toEqual([true, true, false])
  })

  it('writes to a file, and overwrites none unless it is told to', async () => {
    const cwd = await storeOf(incident)
    const file = join(cwd, 'mail.test.ts')
    expect(await exported(cwd, 'mail', '-o', 'mail.test.ts')).toMatchObject({
      code: 0,
      stdout: '',
      stderr: expect.stringMatching(/^written mail\.test\.ts: \d+ records\n$/),
    })
    expect(readFileSync(file, 'utf8')).toBe(await text(cwd, 'mail'))
    writeFileSync(file, 'mine')
    expect(await exported(cwd, 'mail', '-o', 'mail.test.ts')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--force overwrites it'),
    })
    expect(readFileSync(file, 'utf8')).toBe('mine')
    expect(await exported(cwd, 'mail', '-o', 'mail.test.ts', '--force', '--json')).toMatchObject({
      code: 0,
      stderr: '',
    })
    expect(readFileSync(file, 'utf8')).not.toBe('mine')
  })

  it('tells what is wrong with what was asked for', async () => {
    const cwd = await storeOf(incident)
    const wrong: [string[], number, string][] = [
      [[], 2, 'give the id of a task, or --from and --to'],
      [['mail', '--from', '1h'], 2, 'not both'],
      [['--to', '1h'], 2, '--to needs --from'],
      [['--from', 'yesterday'], 2, '2026-11-23T08:00:00Z'],
      [['--from', '1h', '--to', '2h'], 2, '--to must not be before --from'],
      [['--from', '1m'], 3, 'the journal holds nothing from'],
      [['nobody'], 3, 'the journal holds nothing of task nobody'],
      [['mail', '-o', 'no/such/folder.ts'], 2, 'ENOENT'],
    ]
    for (const [args, code, message] of wrong) {
      const ended = await exported(cwd, ...args)
      expect([args, ended.code, ended.stdout]).toEqual([args, code, ''])
      expect(ended.stderr).toContain(message)
    }
    expect(existsSync(join(cwd, 'no'))).toBe(false)
  })
})
