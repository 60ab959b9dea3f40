import { appendFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { offstage, withCli } from './kit.ts'
import { type Deed, storeOf, submitOf } from './store-of.ts'

withCli()

const claim = 'c1'
const progress = (at: number, fraction: number): Deed => ({ type: 'progress', task: 'mail', at, claim, fraction })
const life: readonly Deed[] = [
  submitOf('mail', { owner: 'ada' }),
  { type: 'start', task: 'mail', at: 1_010, run: 1, claim, worker: 'w1' },
  (store) => store.write('mail', { type: 'log', at: 1_020, level: 'info', message: 'hello', data: { n: 1 } }),
  progress(1_100, 0.1),
  progress(1_200, 0.5),
  progress(1_300, 0.9),
  (store) => store.write('mail', { type: 'output', at: 1_400, chunk: 'one\ntwo' }),
  { type: 'start', task: 'mail', at: 1_450, run: 2, claim: 'c2', worker: 'w2' },
  { type: 'fail', task: 'mail', at: 1_500, claim, error: { code: 'ERROR', message: 'broken' }, retryAt: 4_500 },
  { type: 'start', task: 'mail', at: 4_500, run: 2, claim: 'c2', worker: 'w2' },
  { type: 'complete', task: 'mail', at: 4_600, claim, result: 'late' },
  { type: 'complete', task: 'mail', at: 4_700, claim: 'c2', result: { sent: 3 } },
]

async function replay(cwd: string, ...args: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await offstage(['replay', ...args], { cwd })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/ {2,}/g, '  '))
}

describe('offstage replay', () => {
  it('walks through a life: when, what, from where to where, by whom, and the log between', async () => {
    expect(await replay(await storeOf(life), 'ma')).toEqual([
      '1970-01-01T00:00:01.000Z  +0ms  submit  new → pending.queued  owner ada',
      '1970-01-01T00:00:01.010Z  +10ms  start  pending.queued → running.executing  worker w1  run 1',
      '1970-01-01T00:00:01.020Z  +20ms  info  hello {"n":1}',
      '1970-01-01T00:00:01.100Z  +100ms  progress  10% → 90%, 3 times in 200ms  worker w1',
      '1970-01-01T00:00:01.400Z  +400ms  output  "one\\ntwo"',
      '1970-01-01T00:00:01.450Z  +450ms  start  void: STATE  worker w2',
      '1970-01-01T00:00:01.500Z  +500ms  fail  running.executing → pending.delayed  worker w1  ERROR: broken; again in 3.0s',
      '1970-01-01T00:00:04.500Z  +3.5s  start  pending.delayed → running.executing  worker w2  run 2',
      '1970-01-01T00:00:04.600Z  +3.6s  complete  void: FENCED  claim c1',
      '1970-01-01T00:00:04.700Z  +3.7s  complete  running.executing → completed  worker w2',
      '',
      'completed in 2 runs, 200ms after its last start',
      '{"sent":3}',
    ])
  })

  it('says the same as a value of JSON a line', async () => {
    const lines = (await replay(await storeOf(life), 'mail', '--json')).map((line) => JSON.parse(line))
    expect(lines.map(({ type }) => type)).toEqual([
      'step',
      'step',
      'log',
      'progress',
      'output',
      'void',
      'step',
      'step',
      'void',
      'step',
      'end',
    ])
    expect(lines[1]).toEqual({
      type: 'step',
      at: '1970-01-01T00:00:01.010Z',
      event: 'start',
      from: 'pending.queued',
      to: 'running.executing',
      version: 2,
      by: 'worker w1',
      detail: 'run 1',
      where: { segment: 1, line: expect.any(Number) },
    })
    expect(lines[3]).toMatchObject({ times: 3, first: 0.1, last: 0.9, until: '1970-01-01T00:00:01.300Z' })
    expect(lines[5]).toMatchObject({ event: 'start', reason: 'STATE', by: 'worker w2' })
    expect(lines.at(-1)).toMatchObject({ type: 'end', state: 'completed', run: 2, outcome: { result: { sent: 3 } } })
  })

  it('tells what others did: needs, parents, children, deaths of workers, deadlines', async () => {
    const parent = { task: 'p', claim: 'cp' }
    const cwd = await storeOf([
      submitOf('need'),
      submitOf('p', { needs: ['need'], deadline: 2_000 }),
      { type: 'start', task: 'need', at: 1_001, run: 1, claim: 'cn', worker: 'w1' },
      { type: 'complete', task: 'need', at: 1_002, claim: 'cn' },
      { type: 'start', task: 'p', at: 1_003, run: 1, claim: 'cp', worker: 'w1' },
      submitOf('child', { parent, at: 1_004 }),
      { type: 'ask', task: 'p', at: 1_005, claim: 'cp', ask: 1, wait: { kind: 'child', child: 'child' } },
      { type: 'cancel', task: 'child', at: 1_006, by: 'Ada', reason: 'not needed' },
      { type: 'expire', worker: 'w1', at: 1_007 },
      { type: 'timeout', scope: 'deadline', task: 'p', at: 2_000 },
    ])
    const told = async (id: string) => (await replay(cwd, id)).map((line) => line.replace(/^\S+ {2}\S+ {2}/, ''))
    expect(await told('p')).toEqual([
      'submit  new → pending.blocked  needs need',
      'unblock  pending.blocked → pending.queued  need need',
      'start  pending.queued → running.executing  worker w1  run 1',
      'ask  running.executing → running.waiting  worker w1  for child child',
      'answer  running.waiting → running.executing  child child',
      'expire  running.executing → pending.queued  worker w1',
      'timeout  pending.queued → failed  its deadline',
      '',
      'failed in 1 run, 997ms after its last start',
      expect.stringContaining('TIMEOUT'),
    ])
    expect(await told('child')).toEqual([
      'submit  new → pending.queued  parent p',
      'cancel  pending.queued → cancelled  by Ada  not needed',
      '',
      'cancelled, never started',
      'cancelled by Ada: not needed',
    ])
  })

  it('tells of a task that was forgotten, as long as the journal does', async () => {
    const cwd = await storeOf([...life, { type: 'forget', task: 'mail', at: 9_000 }])
    const lines = await replay(cwd, 'mail')
    expect(lines.filter((line) => / {2}forget {2}/.test(line))).toEqual([
      '1970-01-01T00:00:09.000Z  +8.0s  forget  completed → completed  retention',
    ])
    expect(lines.at(-2)).toBe('completed in 2 runs, 200ms after its last start, and forgotten')
  })

  it('marks lines that cannot be read', async () => {
    const cwd = await storeOf(life.slice(0, 2))
    const folder = join(cwd, '.offstage/journal')
    const [segment = ''] = readdirSync(folder)
    appendFileSync(join(folder, segment), 'no line of a journal\n')
    expect(await replay(cwd, 'mail')).toContainEqual(
      expect.stringMatching(/^1 line cannot be read at segment 1, line \d+$/),
    )
  })

  it('says so where the beginning is gone, and tells the steps that are kept of it', async () => {
    const filler = Array.from({ length: 200 }, (_, i) => submitOf(`x${i}`))
    const tidy: Deed = (store) => store.tidy({ olderThan: 0 })
    const deeds = [...life.slice(0, 9), ...filler, tidy, ...life.slice(9)]
    const cwd = await storeOf(deeds, { segmentEvents: 40, historyFor: 0 })
    const lines = await replay(cwd, 'mail')
    expect(lines.slice(0, 4)).toEqual([
      'the journal does not reach back to its beginning; of what was before, 3 steps are kept',
      '1970-01-01T00:00:01.000Z  +0ms  submit  new → pending.queued',
      '1970-01-01T00:00:01.010Z  +10ms  start  pending.queued → running.executing  worker w1  run 1',
      '1970-01-01T00:00:01.020Z  +20ms  info  hello {"n":1}',
    ])
    expect(lines.at(-1)).toBe('{"sent":3}')
  })

  it('lets nothing that a task says reach the terminal', async () => {
    const bad = '\x1b[2J\u202e\x9b'
    const cwd = await storeOf([
      submitOf('mail', { owner: bad }),
      { type: 'start', task: 'mail', at: 1_010, run: 1, claim, worker: bad },
      { type: 'progress', task: 'mail', at: 1_020, claim, fraction: 0, message: bad },
      { type: 'start', task: 'mail', at: 1_030, run: 1, claim, worker: bad },
      (store) => store.write('mail', { type: 'log', at: 1_031, level: 'info', message: bad, data: bad }),
      (store) => store.write('mail', { type: 'output', at: 1_032, chunk: bad }),
      { type: 'fail', task: 'mail', at: 1_040, claim, error: { code: bad, message: bad } },
    ])
    for (const json of [[], ['--json']]) {
      const { stdout } = await offstage(['replay', 'mail', ...json], { cwd })
      expect(stdout).toContain('202e')
      expect(stdout.replace(/[\n -~→]/g, '')).toBe('')
    }
  })

  it('refuses what it cannot tell of', async () => {
    const cwd = await storeOf(life)
    expect(await offstage(['replay', 'nobody'], { cwd })).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('nobody'),
    })
    expect(await offstage(['replay', 'mail', '--store', 'nowhere'], { cwd })).toMatchObject({ code: 2 })
  })
})
