import { describe, expect, it } from 'vitest'
import { GroupSync } from '../../../src/store/file/group-sync.ts'

class Bench {
  readonly open: { resolve: () => void; reject: (error: Error) => void }[] = []
  readonly sync = new GroupSync(() => new Promise((resolve, reject) => this.open.push({ resolve, reject })))
  begun = 0

  async until(begun: number): Promise<void> {
    while (this.open.length < begun) await Promise.resolve()
  }
}

describe('a group sync', () => {
  it('does nothing when nothing was written', () => {
    const bench = new Bench()
    expect(bench.sync.wait()).toBeUndefined()
    expect(bench.open).toEqual([])
  })

  it('is one for all who wait in the same turn', async () => {
    const bench = new Bench()
    bench.sync.touch()
    const waits = [bench.sync.wait(), bench.sync.wait()]
    await bench.until(1)
    bench.open[0]?.resolve()
    await Promise.all(waits)
    expect(bench.open).toHaveLength(1)
    expect(bench.sync.wait()).toBeUndefined()
  })

  it('begins once more for what was written while one runs, and gathers those who wait for it', async () => {
    const bench = new Bench()
    const over: string[] = []
    bench.sync.touch()
    const first = bench.sync.wait()?.then(() => over.push('first'))
    await bench.until(1)
    bench.sync.touch()
    const second = bench.sync.wait()?.then(() => over.push('second'))
    const third = bench.sync.wait()?.then(() => over.push('third'))
    expect(bench.open).toHaveLength(1)
    bench.open[0]?.resolve()
    await first
    await bench.until(2)
    expect(over).toEqual(['first'])
    bench.open[1]?.resolve()
    await Promise.all([second, third])
    expect(bench.open).toHaveLength(2)
  })

  it('covers with the running one those who come later, when nothing was written since', async () => {
    const bench = new Bench()
    bench.sync.touch()
    const first = bench.sync.wait()
    await bench.until(1)
    const second = bench.sync.wait()
    bench.open[0]?.resolve()
    await Promise.all([first, second])
    expect(bench.open).toHaveLength(1)
  })

  it('fails for all who waited for it', async () => {
    const bench = new Bench()
    bench.sync.touch()
    const waits = [bench.sync.wait(), bench.sync.wait()]
    await bench.until(1)
    bench.open[0]?.reject(new Error('EIO'))
    const ends = await Promise.allSettled(waits)
    expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  })
})
