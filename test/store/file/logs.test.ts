import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { StoredTask } from '../../../src/machines/store-state.ts'
import { Logs } from '../../../src/store/file/logs.ts'
import type { NewStreamEntry, StreamEntry } from '../../../src/store/store.ts'
import { Journal } from '../../machines/sim/journal.ts'
import { failure, SmallDisk } from './small-disk.ts'

const journal = new Journal()
const task = (id: string): StoredTask => {
  if (!journal.state.tasks.has(id)) journal.run(id)
  return journal.task(id)
}
const a = task('a')
const out = (chunk: string): NewStreamEntry => ({ type: 'output', at: 5, chunk })
const log = { type: 'log', at: 6, level: 'info', message: 'm' } as const

/** Processes on one disk. */
function processes(count: number) {
  const disk = new SmallDisk()
  const warnings: string[] = []
  const warn = (message: string, cause: unknown): void => void warnings.push(`${message}: ${(cause as Error).message}`)
  const all = Array.from({ length: count }, () => new Logs({ disk, folder: '/logs', warn }))
  const path = (id: string): string => `/logs/${(all[0] as Logs).fileOf(id)}`
  return { disk, warnings, path, all: all as [Logs, ...Logs[]] }
}
const chunks = (entries: readonly StreamEntry[]): string[] =>
  entries.map((entry) => (entry.type === 'output' ? entry.chunk : entry.message))
const told = (logs: Logs): string[] => logs.news().map((each) => `${each.task.id} ${chunks([each.entry])}`)
const fill = (logs: Logs, to: StoredTask, count: number, from = 1): void => {
  for (let i = from; i < from + count; i += 1) logs.write(to, out(`${i}`))
  logs.flush()
}

describe('Logs, writing', () => {
  it("gives an entry its number among the task's, and the version of the task", () => {
    const { all } = processes(1)
    expect(all[0].write(a, out('x'))).toEqual({ type: 'output', at: 5, chunk: 'x', version: 2, n: 1 })
    expect(all[0].write(a, { ...log, data: [1] })).toEqual({ ...log, data: [1], version: 2, n: 2 })
    expect(all[0].write(task('b'), log)).toEqual({ ...log, version: 2, n: 1 })
  })

  it('writes what comes in one turn of the event loop by one append a task, and never syncs', async () => {
    const { all, disk, path } = processes(1)
    for (let i = 0; i < 50; i += 1) {
      all[0].write(a, out(`${i}`))
      all[0].write(task('b'), out(`${i}`))
      await Promise.resolve()
    }
    expect(disk.count('append')).toBe(0)
    await turn()
    expect([disk.count('append'), disk.count('sync'), disk.count('syncFolder')]).toEqual([2, 0, 0])
    expect(disk.text(path('a')).match(/"chunk"/g)).toHaveLength(50)
    all[0].write(a, out('later'))
    await turn()
    expect(disk.count('append')).toBe(3)
  })

  it('names files by a hash, whatever the id is', () => {
    const { all } = processes(1)
    for (const id of ['a', 'A@b.c-d', 'CON', '__proto__']) expect(all[0].fileOf(id)).toMatch(/^[0-9a-f]{32}\.jsonl$/)
    expect(all[0].fileOf('a')).not.toBe(all[0].fileOf('A'))
  })

  it('goes on behind the last entry when another process takes the task over, and back', () => {
    const { all } = processes(2)
    const [one, two] = all as [Logs, Logs]
    fill(one, a, 3)
    expect(two.write(a, out('4')).n).toBe(4)
    two.close()
    expect(one.write(a, out('5')).n).toBe(5)
    one.flush()
    expect(one.read(a, 3).map(({ n }) => n)).toEqual([4, 5])
  })

  it('keeps 64 files open at most, and closes all in the end', () => {
    const { all, disk } = processes(1)
    for (let i = 0; i < 80; i += 1) fill(all[0], task(`open${i}`), 1)
    expect(disk.open.size).toBe(64)
    fill(all[0], task('open0'), 1, 2)
    expect(chunks(all[0].read(task('open0'), 0))).toEqual(['1', '2'])
    all[0].write(a, out('last'))
    all[0].close()
    expect(disk.open.size).toBe(0)
    expect(chunks(all[0].read(a, 0))).toEqual(['last'])
  })

  it('counts on even for tasks of which it remembers nothing', () => {
    const { all } = processes(1)
    for (let i = 0; i < 1_050; i += 1) fill(all[0], task(`many${i}`), 1)
    expect(all[0].write(task('many0'), out('2')).n).toBe(2)
  })
})

describe('Logs, keeping', () => {
  it('keeps the newest 1,000 entries, and a file of fewer than 2,000 lines', () => {
    const { all, disk, path } = processes(1)
    for (let i = 0; i < 45; i += 1) fill(all[0], a, 100, 1 + i * 100)
    const kept = all[0].read(a, 0)
    expect([kept.length, kept[0]?.n, kept.at(-1)?.n]).toEqual([1_000, 3_501, 4_500])
    expect(disk.text(path('a')).match(/"chunk"/g)?.length).toBeLessThan(2_000)
    expect(disk.list('/logs')).toEqual([all[0].fileOf('a')])
    expect(disk.open.size).toBe(1)
  })

  it('keeps the newest 1,000 of what comes in one turn', () => {
    const { all } = processes(1)
    for (let i = 1; i <= 100_000; i += 1) all[0].write(a, out(`${i}`))
    const waiting = all[0].read(a, 0)
    expect([waiting.length, waiting.at(-1)?.n]).toEqual([1_000, 100_000])
    all[0].flush()
    expect(all[0].read(a, 0)).toEqual(waiting)
  })

  it('tells what is in the file and what is on its way there, after a number', () => {
    const { all } = processes(1)
    fill(all[0], a, 2)
    all[0].write(a, out('3'))
    expect(chunks(all[0].read(a, 0))).toEqual(['1', '2', '3'])
    expect(chunks(all[0].read(a, 2))).toEqual(['3'])
    expect(all[0].read(task('none'), 0)).toEqual([])
  })

  it('loses nothing but the lines that are torn, damaged or foreign', () => {
    const { all, disk, path } = processes(2)
    fill(all[0], a, 3)
    const text = disk.text(path('a')).replace('"chunk":"2"', '"chunk":"9"')
    disk.put(path('a'), `${text}\n00000000 {"n":4}\n{"n":5}\n\0\0\0\nda39a3ee {"type":"out`)
    const two = all[1] as Logs
    expect(two.write(a, out('4')).n).toBe(4)
    two.flush()
    expect(chunks(two.read(a, 0))).toEqual(['1', '3', '4'])
  })

  it('removes the files of tasks that are gone, once they are old, and nothing else', () => {
    const { all, disk } = processes(1)
    fill(all[0], a, 1)
    fill(all[0], task('b'), 1)
    disk.put('/logs/notes.txt', 'mine')
    const kept = (file: string): boolean => file === all[0].fileOf('b')
    expect(all[0].clean(kept, 1_000)).toBe(0)
    expect(all[0].clean(kept, 1_001)).toBe(1)
    expect(disk.list('/logs').sort()).toEqual([all[0].fileOf('b'), 'notes.txt'].sort())
    expect(disk.open.size).toBe(1)
    expect(all[0].write(a, out('anew')).n).toBe(2)
    all[0].flush()
    expect(chunks(all[0].read(a, 0))).toEqual(['anew'])
  })
})

describe('Logs, following', () => {
  it('tells what other processes write from then on, each entry once, and never its own', () => {
    const { all } = processes(2)
    const [one, two] = all as [Logs, Logs]
    fill(one, a, 2)
    two.follow(a)
    expect(told(two)).toEqual([])
    fill(one, a, 2, 3)
    fill(two, a, 1, 5)
    fill(one, a, 1, 6)
    expect(told(two)).toEqual(['a 3', 'a 4', 'a 6'])
    expect(told(two)).toEqual([])
    expect(told(one)).toEqual([])
  })

  it('tells from the first entry when there is no file yet', () => {
    const { all } = processes(2)
    all[1]?.follow(a)
    fill(all[0], a, 1)
    expect(told(all[1] as Logs)).toEqual(['a 1'])
  })

  it('follows into the file that takes the place of one that was full, and tells no entry again', () => {
    const { all } = processes(2)
    const [one, two] = all as [Logs, Logs]
    two.follow(a)
    let heard: string[] = []
    for (let i = 0; i < 30; i += 1) {
      fill(one, a, 100, 1 + i * 100)
      heard = heard.concat(told(two))
    }
    expect(heard).toEqual(Array.from({ length: 3_000 }, (_, i) => `a ${i + 1}`))
  })

  it('tells an entry when its line is whole, and not before', () => {
    const { all, disk, path } = processes(2)
    all[1]?.follow(a)
    fill(all[0], a, 1)
    const whole = disk.text(path('a'))
    const file = disk.files.get(path('a'))
    if (file === undefined) throw new Error('there is no file')
    file.bytes = Buffer.from(whole.slice(0, -10))
    expect(told(all[1] as Logs)).toEqual([])
    file.bytes = Buffer.from(whole)
    expect(told(all[1] as Logs)).toEqual(['a 1'])
  })

  it('begins anew in a file that somebody has cut short', () => {
    const { all, disk, path } = processes(2)
    const [one, two] = all as [Logs, Logs]
    fill(one, a, 5)
    two.follow(a)
    const file = disk.files.get(path('a'))
    if (file !== undefined) file.bytes = Buffer.alloc(0)
    fill(one, a, 2, 6)
    expect(told(two)).toEqual(['a 6', 'a 7'])
  })

  it('follows the 200 tasks that were named last', () => {
    const { all } = processes(2)
    const [one, two] = all as [Logs, Logs]
    for (let i = 0; i < 201; i += 1) two.follow(task(`f${i}`))
    two.follow(task('f1'))
    two.follow(task('f201'))
    for (const id of ['f0', 'f1', 'f2', 'f201']) fill(one, task(id), 1)
    expect(told(two).sort()).toEqual(['f1 1', 'f201 1'])
  })

  it('lets a settled task go when its file has been quiet', () => {
    const { all } = processes(2)
    const [one, two] = all as [Logs, Logs]
    const ends = task('ends')
    two.follow(ends)
    for (let i = 0; i < 9; i += 1) two.news()
    fill(one, ends, 1)
    expect(told(two)).toEqual(['ends 1'])
    journal.send({ type: 'complete', task: 'ends', at: journal.tick(), claim: journal.claim('ends') })
    expect(ends.settled).toBe(true)
    told(two)
    fill(one, ends, 1, 2)
    expect(told(two)).toEqual(['ends 2'])
    for (let i = 0; i < 9; i += 1) two.news()
    fill(one, ends, 1, 3)
    expect(told(two)).toEqual([])
  })
})

describe('Logs, on a disk that fails', () => {
  it('says it once a task, and goes on when there is room again', () => {
    const { all, disk, warnings } = processes(1)
    disk.fault = (operation) => {
      if (operation === 'append') throw failure('ENOSPC')
    }
    for (let i = 0; i < 3; i += 1) fill(all[0], a, 1)
    fill(all[0], task('b'), 1)
    expect(warnings).toEqual(['the log of task a is not complete: ENOSPC', 'the log of task b is not complete: ENOSPC'])
    disk.fault = () => undefined
    expect(all[0].write(a, out('again')).n).toBe(4)
    expect(chunks(all[0].read(a, 0))).toEqual(['again'])
  })

  it.each(['openAppend', 'create', 'openRead', 'rename', 'makeFolder'])('throws nothing when %s fails', (broken) => {
    const { all, disk } = processes(2)
    fill(all[1] as Logs, a, 1)
    disk.fault = (operation) => {
      if (operation === broken) throw failure('EIO')
    }
    all[0].follow(a)
    fill(all[0], a, 2_100)
    fill(all[0], task('b'), 1)
    all[0].read(a, 0)
    all[0].news()
    all[0].close()
    disk.fault = () => undefined
    expect(disk.open.size).toBe(1)
    expect(disk.list('/logs').filter((name) => name.endsWith('.tmp'))).toEqual([])
  })

  it('notices what did not get into the file, and keeps it apart from what follows', () => {
    const { all, disk, warnings } = processes(2)
    const [one, two] = all as [Logs, Logs]
    two.follow(a)
    disk.written = (bytes) => bytes.subarray(0, bytes.length - 20)
    fill(one, a, 2)
    expect(warnings).toEqual(['the log of task a is not complete: 1 of 2 lines did not get into the file'])
    disk.written = (bytes) => bytes
    fill(one, a, 1, 3)
    expect(told(two)).toEqual(['a 1', 'a 3'])
    expect(told(one)).toEqual([])
  })
})
