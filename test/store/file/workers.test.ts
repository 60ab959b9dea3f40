import { execFileSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { SystemClock } from '../../../src/clock.ts'
import { foldNumber } from '../../../src/machines/format.ts'
import { NodeDisk } from '../../../src/store/file/node-disk.ts'
import { Workers, type WorkersOptions } from '../../../src/store/file/workers.ts'
import { FaultyDisk } from '../../../src/testing/faulty-disk.ts'
import { VirtualClock } from '../../../src/testing/virtual-clock.ts'

const lease = 1_000
const poll = lease / 8
const home = mkdtempSync(join(tmpdir(), 'offstage-workers-'))
const opened: Workers[] = []
let made = 0

afterEach(() => {
  for (const workers of opened.splice(0)) workers.close()
})
afterAll(() => rmSync(home, { recursive: true }))

function open(options: Partial<WorkersOptions> & Pick<WorkersOptions, 'disk' | 'clock'>): Workers {
  const workers = new Workers({
    folder: '/w',
    lease,
    blockedAfter: 300_000,
    beat: 'timer',
    warn: () => undefined,
    ...options,
  })
  opened.push(workers)
  return workers
}

/** A simulated disk with processes on one clock. */
function simulated() {
  const clock = new VirtualClock()
  const disk = new FaultyDisk({ clock })
  const process = (options: Partial<WorkersOptions> = {}) => open({ disk: disk.process(), clock, ...options })
  /** Looks at every poll. */
  const watch = async (observer: Workers, holders: readonly string[], ms: number): Promise<string[]> => {
    const dead = new Set<string>()
    for (let elapsed = 0; elapsed < ms; elapsed += poll) {
      await clock.advance(poll)
      for (const worker of observer.look(holders)) dead.add(worker)
    }
    return [...dead]
  }
  return { clock, disk, process, watch }
}

/** A real folder. */
function real() {
  const folder = join(home, String(++made))
  const clock = new SystemClock()
  const disk = new NodeDisk()
  return { folder, disk, clock, workers: () => open({ disk, clock, folder }) }
}

describe('a worker that joins', () => {
  it('can be seen by others at once, in a file of its own that nobody else may read', () => {
    const { folder, workers } = real()
    workers().join('worker-1', { recipes: ['a', 'b'] })
    expect(readdirSync(folder)).toEqual(['worker-1.json'])
    expect(statSync(join(folder, 'worker-1.json')).mode & 0o777).toBe(0o600)
    expect(workers().list()).toEqual([
      expect.objectContaining({ id: 'worker-1', recipes: ['a', 'b'], pid: process.pid }),
    ])
  })

  it('says by which number it folds, and what its lease is: other versions must know while it lives', () => {
    const { folder, workers } = real()
    workers().join('worker')
    const [head = ''] = readFileSync(join(folder, 'worker.json'), 'utf8').split('\n')
    expect(JSON.parse(head)).toEqual(expect.objectContaining({ fold: foldNumber, lease }))
  })

  it.each([
    '../x',
    '/etc/passwd',
    'C:\\x',
    'CON',
    'a\0b',
    '',
    '.',
    '..',
    '-rf',
    '__proto__',
    'é',
    '\u202egnp',
    'a/b',
    'w'.repeat(65_536),
  ])('gets a safe name of a file whatever its id: %.12j', (id) => {
    const { folder, workers } = real()
    const own = workers()
    own.join(id)
    const [name, ...others] = readdirSync(folder)
    expect(others).toEqual([])
    expect(name).toMatch(/^_[0-9a-f]{32}\.json$/)
    own.leave(id)
    expect(readdirSync(folder)).toEqual([])
  })

  it('shares its file with nobody: ids that differ have names that differ, in any case', () => {
    const { folder, workers } = real()
    const own = workers()
    const ids = ['worker', 'e\u0301', '\u00e9', 'CON', 'con', 'a b', 'a_b']
    for (const id of ids) own.join(id)
    expect(new Set(readdirSync(folder).map((name) => name.toLowerCase())).size).toBe(ids.length)
  })

  it('names no more recipes than a reader reads', () => {
    const { workers } = real()
    const own = workers()
    own.join('worker', { recipes: Array.from({ length: 200 }, (_, i) => `${'r'.repeat(1_000)}${i}`) })
    expect(own.list()[0]?.recipes.length).toBeGreaterThan(10)
  })

  it('takes the place of a file that was left behind', () => {
    const { folder, workers } = real()
    mkdirSync(folder)
    writeFileSync(join(folder, 'worker.json'), 'x'.repeat(500))
    workers().join('worker')
    expect(readFileSync(join(folder, 'worker.json'), 'utf8')).toMatch(/^\{.*\}\n[\d ]+\n$/)
  })

  it.each([
    ['ENOSPC', 'STORE_FULL'],
    ['short', 'STORE_FULL'],
    ['EROFS', 'STORE'],
    ['EACCES', 'STORE'],
    ['EMFILE', 'STORE'],
    ['EIO', 'STORE'],
  ] as const)('fails with a typed error when others could not see it, and leaves nothing: %s', (fault, code) => {
    let failed = 0
    for (let n = 1; n <= 8; n += 1) {
      const { disk, clock, process } = simulated()
      const failing = disk.process()
      const own = open({ disk: failing, clock })
      failing.failAt(n, fault)
      try {
        own.join('worker')
        expect(process().list()).toEqual([expect.objectContaining({ id: 'worker' })])
      } catch (error) {
        failed += 1
        expect(error).toEqual(expect.objectContaining({ code }))
        failing.heal()
        expect(disk.list('/w')).toEqual([])
        own.join('worker')
      }
      expect(disk.list('/w')).toEqual(['worker.json'])
    }
    expect(failed).toBeGreaterThan(0)
  })

  it('fails with a typed error where a folder has its name', () => {
    const { folder, workers } = real()
    mkdirSync(join(folder, 'worker.json'), { recursive: true })
    expect(() => workers().join('worker')).toThrow(expect.objectContaining({ code: 'STORE' }))
  })

  it('cannot once all is closed', () => {
    const { process, disk } = simulated()
    const own = process()
    own.close()
    expect(() => own.join('worker')).toThrow(expect.objectContaining({ code: 'STORE' }))
    expect(disk.list('/')).toEqual([])
  })
})

describe('a worker that others look at', () => {
  it('lives while its heart beats, and is dead a lease after', async () => {
    const { process, watch } = simulated()
    const own = process()
    const observer = process()
    own.join('worker')
    expect(await watch(observer, ['worker'], 5 * lease)).toEqual([])
    own.leave('worker')
    expect(await watch(observer, ['worker'], lease - poll)).toEqual([])
    expect(await watch(observer, ['worker'], 2 * poll)).toEqual(['worker'])
  })

  it('lives though its clock was set back a day', async () => {
    const { process, clock, watch } = simulated()
    let back = 0
    const shifted = {
      now: () => clock.now() - back,
      monotonic: () => clock.monotonic(),
      setTimeout: (fn: () => void, ms: number) => clock.setTimeout(fn, ms),
      clearTimeout: (handle: object) => clock.clearTimeout(handle),
    }
    const own = process({ clock: shifted })
    const observer = process()
    own.join('worker')
    expect(await watch(observer, ['worker'], 2 * lease)).toEqual([])
    back = 86_400_000
    expect(await watch(observer, ['worker'], 5 * lease)).toEqual([])
    // its file looks old enough to go, and comes back
    await clock.advance(lease)
    observer.clean(clock.now())
    expect(await watch(observer, ['worker'], 5 * lease)).toEqual([])
  })

  it('lives while its loop is blocked, though not for ever', () => {
    const { folder, disk, clock } = real()
    const own = open({ disk, clock, folder, beat: 'thread' })
    let ms = 0
    const looker = {
      ...clock,
      now: () => ms,
      monotonic: () => ms,
      setTimeout: () => ({}),
      clearTimeout: () => undefined,
    }
    const observer = open({ disk, clock: looker, folder, lease: 400, blockedAfter: 2_000 })
    own.join('worker')
    let found: number | undefined
    while (found === undefined && ms < 5_000) {
      // nothing of this loop turns meanwhile, but for the observer
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50)
      ms += 50
      if (observer.look(['worker']).length > 0) found = ms
    }
    expect(found).toBeGreaterThanOrEqual(2_000)
    expect(found).toBeLessThanOrEqual(3_000)
  })

  it('is never judged by its own process', async () => {
    const { process, disk, watch } = simulated()
    const own = process()
    own.join('worker')
    disk.failAt(1, 'EIO', { forever: true })
    expect(await watch(own, ['worker'], 5 * lease)).toEqual([])
  })

  it('is not judged by a process that cannot open files', async () => {
    const { disk, clock, watch } = simulated()
    const blind = disk.process()
    const observer = open({ disk: blind, clock })
    disk.put('/w/worker.json', '')
    blind.failAt(1, 'EMFILE', { forever: true })
    expect(await watch(observer, ['worker'], 5 * lease)).toEqual([])
    blind.heal()
    expect(await watch(observer, ['worker'], 2 * lease)).toEqual(['worker'])
  })

  it('is dead when it has no file', async () => {
    const { process, watch } = simulated()
    expect(await watch(process(), ['nobody'], 2 * lease)).toEqual(['nobody'])
  })

  it('writes its file again when somebody took it away', async () => {
    const { process, disk, watch } = simulated()
    const own = process()
    const observer = process()
    own.join('worker')
    disk.remove('/w/worker.json')
    expect(await watch(observer, ['worker'], 3 * lease)).toEqual([])
    expect(observer.list()).toEqual([expect.objectContaining({ id: 'worker' })])
  })

  it('is looked at a few times in a lease, however often its observer is woken', async () => {
    const { process, disk, clock } = simulated()
    const own = process()
    const observer = process()
    own.join('worker')
    const before = disk.operations
    for (let ms = 0; ms < lease; ms += 1) {
      await clock.advance(1)
      for (let i = 0; i < 5; i += 1) observer.look(['worker'])
    }
    expect((disk.operations - before) / 5).toBeLessThan(200)
  })
})

describe('files that are no workers', () => {
  const junk: Readonly<Record<string, string>> = {
    'empty.json': '',
    'half.json': '{"id":"half","pi',
    'null.json': 'null\n',
    'array.json': '[]\n',
    'empty-object.json': '{}\n',
    'types.json': '{"id":1,"pid":"x","host":{},"startedAt":[],"recipes":{}}\n',
    'recipes.json': '{"id":"a","pid":1,"host":"h","startedAt":1,"recipes":[1,null]}\n',
    'nul.json': '\0\0\0\0',
    'huge.json': `{"id":"huge","pid":1,"host":"h","startedAt":1,"recipes":[]}\n${'x'.repeat(5_000_000)}`,
    'other.txt': '{"id":"t","pid":1,"host":"h","startedAt":1,"recipes":[]}\n',
  }

  it('are left out of the list, neither throw nor hang, and have no pulse', () => {
    const { folder, workers } = real()
    mkdirSync(folder)
    for (const [name, text] of Object.entries(junk)) writeFileSync(join(folder, name), text)
    symlinkSync('/etc/hostname', join(folder, 'linked.json'))
    symlinkSync('/nowhere', join(folder, 'dangling.json'))
    mkdirSync(join(folder, 'folder.json'))
    execFileSync('mkfifo', [join(folder, 'fifo_.json')])
    const own = workers()
    own.join('worker')
    expect(own.list().map(({ id }) => id)).toEqual(['worker'])
    const names = readdirSync(folder).map((name) => name.slice(0, name.indexOf('.')))
    expect(workers().look(names)).toEqual([])
    expect(own.clean(Date.now() + 1e9)).toBe(0)
  })

  it('are dead as workers, links and FIFOs too', async () => {
    const { folder, disk } = real()
    mkdirSync(folder)
    writeFileSync(join(folder, 'half_.json'), '{"id')
    writeFileSync(join(folder, 'huge_.json'), 'x'.repeat(1_000_000))
    symlinkSync('/etc/hostname', join(folder, 'linked.json'))
    execFileSync('mkfifo', [join(folder, 'fifo_.json')])
    const clock = new VirtualClock()
    const observer = open({ disk, clock, folder })
    const dead = new Set<string>()
    for (let i = 0; i < 12; i += 1) {
      await clock.advance(poll)
      for (const worker of observer.look(['half_', 'huge_', 'linked', 'fifo_'])) dead.add(worker)
    }
    expect([...dead]).toEqual(['half_', 'huge_', 'linked', 'fifo_'])
  })

  it('cost no live worker its life when its first line is damaged', async () => {
    const { process, disk, watch, clock } = simulated()
    const own = process()
    own.join('worker')
    const text = String(disk.get('/w/worker.json'))
    disk.put('/w/worker.json', text.replace('{', '\0'))
    await clock.advance(lease)
    expect(process().list()).toEqual([])
    expect(await watch(process(), ['worker'], 3 * lease)).toEqual([])
  })

  it('are no error where there is no folder, or none that can be read', () => {
    const { process, disk } = simulated()
    const observer = process()
    expect(observer.list()).toEqual([])
    disk.put('/w', 'a file')
    expect(observer.list()).toEqual([])
    expect(observer.clean(1e15)).toBe(0)
    expect(observer.look(['worker'])).toEqual([])
  })
})

describe('cleaning', () => {
  it('removes the files of the dead, not of those that beat, own ones or not', async () => {
    const { process, disk, clock } = simulated()
    disk.put('/w/gone_.json', '{}')
    await clock.advance(3 * lease)
    process().join('other')
    const own = process()
    own.join('worker')
    await clock.advance(lease)
    expect(own.clean(clock.now())).toBe(1)
    expect(disk.list('/w').sort()).toEqual(['other.json', 'worker.json'])
  })

  it('goes on after a file that cannot be removed', async () => {
    const { process, disk, clock } = simulated()
    disk.put('/w/gone_1.json', '{}')
    disk.put('/w/gone_2.json', '{}')
    await clock.advance(3 * lease)
    // it lists, looks at the one, and cannot remove it
    disk.failAt(3, 'EACCES')
    expect(process().clean(clock.now())).toBe(1)
    expect(disk.list('/w')).toHaveLength(1)
  })
})

describe('closing', () => {
  it('removes own files and stops their hearts', async () => {
    const { process, disk, clock } = simulated()
    const own = process()
    own.join('worker')
    own.join('other')
    own.close()
    expect(disk.list('/w')).toEqual([])
    const before = disk.operations
    await clock.advance(10 * lease)
    expect(disk.operations).toBe(before)
  })
})
