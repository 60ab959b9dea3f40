import { describe, expect, it } from 'vitest'
import { mostRecords, type Slice, type SliceRequest, sliceOf } from '../../../src/inspect/export/slice.ts'
import { testFileOf } from '../../../src/inspect/export/test-file.ts'
import type { StoreRecord, SubmitRecord } from '../../../src/machines/records.ts'
import { goldenJournals, historyOf } from './history-of.ts'

const limits = { timeout: undefined, grace: 0, maxAttempts: 1, maxOrphans: 1 }
const submit = (task: string, rest: Partial<SubmitRecord> = {}): SubmitRecord => {
  return { type: 'submit', task, at: 0, name: task, limits, ...rest }
}
const start = (task: string, at = 1, worker = 'w'): StoreRecord => {
  return { type: 'start', task, at, run: 1, claim: `c-${task}`, worker }
}
const complete = (task: string, at = 2): StoreRecord => ({
  type: 'complete',
  task,
  at,
  claim: `c-${task}`,
  result: task,
})
const life = (task: string, rest: Partial<SubmitRecord> = {}): StoreRecord[] => {
  return [submit(task, rest), start(task), complete(task)]
}
const told = (record: StoreRecord): string =>
  `${record.type} ${'task' in record ? record.task : 'uid' in record ? record.uid : record.worker}`

async function slice(records: readonly StoreRecord[], task: string, gone = 0): Promise<string[]> {
  const { records: found } = await sliceOf(historyOf(records, gone), { task })
  return found.map(({ record, verdict }) => `${told(record)}${verdict === 'accepted' ? '' : `: ${verdict}`}`)
}

const options = { version: '1.2.3', redact: (text: string) => text }

describe('the slice of a task', () => {
  it('is its records, and nothing of tasks that have nothing to do with it', async () => {
    expect(await slice([...life('a'), ...life('b'), ...life('c')], 'b')).toEqual(['submit b', 'start b', 'complete b'])
  })

  it('has what it needs, over any number of steps', async () => {
    const records = [...life('x'), ...life('a'), ...life('b', { needs: ['a'] }), ...life('c', { needs: ['b'] })]
    expect(await slice(records, 'c')).toEqual(['a', 'b', 'c'].flatMap((id) => life(id).map(told)))
  })

  it('has its parent, its children, and whom it waits for, but none of its siblings', async () => {
    const parent = { task: 'p', claim: 'c-p' }
    const records: StoreRecord[] = [
      submit('p'),
      start('p'),
      submit('sibling', { parent }),
      submit('a', { parent }),
      start('a'),
      submit('child', { parent: { task: 'a', claim: 'c-a' } }),
      { type: 'ask', task: 'a', at: 2, claim: 'c-a', ask: 1, wait: { kind: 'child', child: 'child' } },
      { type: 'cancel', task: 'p', at: 3 },
      { type: 'ended', task: 'p', at: 4, claim: 'c-p' },
      { type: 'ended', task: 'a', at: 5, claim: 'c-a' },
      { type: 'ended', task: 'p', at: 5, claim: 'c-p' },
    ]
    expect(await slice(records, 'a')).toEqual([
      'submit p',
      'start p',
      'submit a',
      'start a',
      'submit child',
      'ask a',
      'cancel p',
      'ended p',
      'ended a',
    ])
  })

  it('has the death of its worker, and what came too late', async () => {
    const records: StoreRecord[] = [
      submit('a'),
      start('a', 1, 'dead'),
      { type: 'expire', worker: 'other', at: 2 },
      { type: 'expire', worker: 'dead', at: 3 },
      complete('a', 4),
      { type: 'cancel', task: 'a', at: 5 },
      { type: 'cancel', task: 'a', at: 6 },
    ]
    expect(await slice(records, 'a')).toEqual([
      'submit a',
      'start a',
      'expire dead',
      'complete a: FENCED',
      'cancel a',
      'cancel a: STATE',
    ])
  })

  it('has those who held its key when it wanted to start', async () => {
    const keys = [{ key: 'key:k', limit: 1 }]
    const records = [...life('before', { keys }), submit('holder', { keys }), start('holder'), submit('a', { keys })]
    records.push(start('a'), complete('holder'), start('a'), complete('a'))
    const found = await sliceOf(historyOf(records), { task: 'a' })
    expect(found.records.map(({ record, verdict }) => `${told(record)} ${verdict}`)).toEqual([
      'submit a accepted',
      'start a KEY_FULL',
      'complete holder accepted',
      'start a accepted',
      'complete a accepted',
    ])
    // it began before: what it was in comes first
    expect(found.base).toEqual([expect.objectContaining({ seq: 2, leaf: 'running.executing' })])
  })

  it('has the schedule that made it, as it was then', async () => {
    const schedule = { uid: 's', rev: 1, slot: 10 }
    const records: StoreRecord[] = [
      {
        type: 'scheduleAdd',
        uid: 's',
        at: 0,
        name: 's',
        when: {},
        target: { recipe: 'r' },
        misfire: 'once',
        overlap: 'skip',
      },
      ...life('other'),
      submit('a', { at: 11, schedule }),
      start('a', 12),
      submit('b', { at: 21, schedule: { ...schedule, slot: 20 } }),
      complete('a', 22),
    ]
    const found = await sliceOf(historyOf(records), { task: 'a' })
    expect(found.records.map(({ verdict }) => verdict)).toEqual(['accepted', 'accepted', 'OVERLAP', 'accepted'])
    expect(found.base).toEqual([expect.objectContaining({ schedule: 's' })])
  })

  it('says nothing of what others were the reason for once it has ended', async () => {
    const schedule = { uid: 's', rev: 1, slot: 20 }
    const records: StoreRecord[] = [
      ...life('a'),
      submit('needy', { needs: ['a'] }),
      { type: 'forget', task: 'a', at: 3 },
      submit('a', { at: 21, schedule }),
      complete('a', 22),
    ]
    expect(await slice(records, 'a')).toEqual([...life('a').map(told), 'complete a: FENCED'])
    expect(await unlike(records, { task: 'a' })).toEqual([])
  })

  it('ends before it is forgotten', async () => {
    const records: StoreRecord[] = [...life('a'), { type: 'forget', task: 'a', at: 9 }, ...life('a')]
    const { records: found, ends } = await sliceOf(historyOf(records), { task: 'a' })
    expect(found).toHaveLength(3)
    expect(ends.get('a')?.task?.state).toBe('completed')
  })

  it('begins with what the store held where its beginning is gone', async () => {
    const { base, records, complete: whole } = await sliceOf(historyOf([...life('a'), ...life('b')], 5), { task: 'b' })
    expect([base, records.length, whole]).toEqual([[expect.objectContaining({ leaf: 'running.executing' })], 1, false])
  })

  it('is refused where the journal holds nothing of it', async () => {
    await expect(slice(life('a'), 'b')).rejects.toThrow('the journal holds nothing of task b')
  })

  it('is refused where nobody would read it', async () => {
    const progress: StoreRecord = { type: 'progress', task: 'a', at: 2, claim: 'c-a', fraction: 0 }
    const records = [submit('a'), start('a'), ...Array.from({ length: mostRecords }, () => progress)]
    await expect(slice(records, 'a')).rejects.toMatchObject({ code: 'TOO_LARGE' })
  })
})

describe('the slice of a time', () => {
  const records = [...life('a', { at: 5 }), submit('b', { at: 10 }), start('a', 11), start('b', 20), complete('b', 30)]

  it('is all that was recorded in it, by the running maximum of time', async () => {
    const found = await sliceOf(historyOf(records), { from: 6, to: 20 })
    expect(found.records.map(({ record, verdict }) => `${told(record)} ${verdict}`)).toEqual([
      'submit b accepted',
      'start a STATE',
      'start b accepted',
    ])
    expect(found.base).toEqual([expect.objectContaining({ leaf: 'completed' })])
    expect([...found.ends].map(([id, { task }]) => [id, task?.state])).toEqual([['b', 'running.executing']])
  })

  it('is refused where nothing was recorded', async () => {
    await expect(sliceOf(historyOf(records), { from: 31, to: 32 })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})

/** What a test of the slice would state that the journal does not say. */
async function unlike(records: readonly StoreRecord[], request: SliceRequest, gone = 0): Promise<readonly string[]> {
  let found: Slice
  try {
    found = await sliceOf(historyOf(records, gone), request)
  } catch (error) {
    expect(error).toMatchObject({ code: 'NOT_FOUND' })
    return []
  }
  return testFileOf(found, { ...options, request }).unlike
}

describe.each(goldenJournals())('slices of %s fold to what the journal says', (_, records) => {
  const tasks = [...new Set(records.flatMap((record) => (record.type === 'submit' ? [record.task] : [])))]

  it.each([0, Math.floor(records.length / 2)])('for tasks, behind %i records', async (gone) => {
    const step = Math.ceil(tasks.length / 40)
    for (const task of tasks.filter((_id, i) => i % step === 0)) {
      const request = { task }
      expect([task, await unlike(records, request, gone)]).toEqual([task, []])
    }
  })

  it('for times', async () => {
    const times = records.map(({ at }) => at).sort((a, b) => a - b)
    const at = (part: number): number => times[Math.floor((times.length - 1) * part)] ?? 0
    for (const [from, to] of [0, 0.2, 0.4, 0.6, 0.8].map((part) => [at(part), at(part + 0.2)] as const)) {
      const request = { from, to }
      expect([request, await unlike(records, request)]).toEqual([request, []])
    }
  })
})
