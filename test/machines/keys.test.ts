import { describe, expect, it } from 'vitest'
import { Journal, one } from './sim/journal.ts'

const upTo = (limit: number) => [{ key: 'k', limit }]
const holdersOf = (journal: Journal, key = 'k') =>
  [...(journal.state.keys.get(key)?.holders ?? [])].map(({ task }) => task.id)

describe('a concurrency key', () => {
  it('lets as many tasks run as its limit says, over all workers', () => {
    const journal = new Journal()
    journal.run('a', { keys: upTo(2) }, 'w1')
    journal.run('b', { keys: upTo(2) }, 'w2')
    journal.submit('c', { keys: upTo(2) })
    expect(journal.start('c', 'w3')).toMatchObject({ accepted: false, reason: 'KEY_FULL', detail: 'k' })
    journal.complete('a')
    expect(journal.start('c', 'w3').accepted).toBe(true)
  })

  it.each(['complete', 'fail', 'release', 'expire'] as const)('is given back by %s', (way) => {
    const journal = new Journal()
    journal.run('a', { keys: one('k') })
    if (way === 'release') journal.end('a', 'release')
    else if (way === 'expire') journal.expire('w1')
    else journal[way]('a')
    expect(journal.state.keys.size).toBe(0)
    journal.submit('b', { keys: one('k') })
    expect(journal.start('b', 'w2').accepted).toBe(true)
  })

  it('is kept while its task waits for input or stops', () => {
    const journal = new Journal()
    journal.run('a', { keys: one('k') })
    journal.submit('b', { keys: one('k') })
    journal.ask('a')
    expect(journal.start('b').reason).toBe('KEY_FULL')
    journal.cancel('a')
    expect(journal.start('b').reason).toBe('KEY_FULL')
    journal.end('a', 'ended')
    expect(journal.start('b').accepted).toBe(true)
  })

  it('is kept by a zombie until its work has ended', () => {
    const journal = new Journal()
    journal.run('a', { keys: one('k') })
    journal.abandon('a')
    journal.submit('b', { keys: one('k') })
    expect(journal.start('b').reason).toBe('KEY_FULL')
    journal.end('a', 'freed')
    expect(journal.start('b').accepted).toBe(true)
  })

  it("is kept by a zombie until its worker's death", () => {
    const journal = new Journal()
    journal.run('a', { keys: one('k') })
    journal.abandon('a')
    journal.submit('b', { keys: one('k') })
    journal.expire('w1')
    expect(journal.start('b', 'w2').accepted).toBe(true)
  })

  it('is one of several: a task needs room under each, and names the one that is full', () => {
    const journal = new Journal()
    journal.run('a', { keys: one('user') })
    journal.submit('b', { keys: [...one('recipe'), ...one('user')] })
    expect(journal.start('b')).toMatchObject({ reason: 'KEY_FULL', detail: 'user' })
    expect(journal.state.keys.has('recipe')).toBe(false)
    journal.complete('a')
    expect(journal.start('b').accepted).toBe(true)
    expect([...journal.state.keys.keys()]).toEqual(['recipe', 'user'])
  })

  it('named twice by one task is held once and given back whole', () => {
    const journal = new Journal()
    journal.run('other', { keys: upTo(3) })
    journal.run('twice', { keys: [...upTo(2), ...upTo(3)] })
    expect(holdersOf(journal)).toEqual(['other', 'twice'])
    journal.complete('twice')
    expect([...(journal.state.keys.get('k')?.limits ?? [])]).toEqual([[3, 1]])
  })
})

describe('different limits of one key', () => {
  it('let the smallest among the holders hold', () => {
    const journal = new Journal()
    journal.run('small', { keys: one('k') })
    journal.submit('big', { keys: upTo(5) })
    expect(journal.start('big').reason).toBe('KEY_FULL')
    journal.complete('small')
    expect(journal.start('big').accepted).toBe(true)
  })

  it('let the newcomer be the smallest', () => {
    const journal = new Journal()
    for (const id of ['a', 'b']) journal.run(id, { keys: upTo(5) })
    journal.submit('two', { keys: upTo(2) })
    journal.submit('three', { keys: upTo(3) })
    expect(journal.start('two').reason).toBe('KEY_FULL')
    expect(journal.start('three').accepted).toBe(true)
  })

  it('are forgotten with their holder', () => {
    const journal = new Journal()
    journal.run('a', { keys: upTo(2) })
    journal.run('b', { keys: upTo(2) })
    journal.complete('a')
    journal.submit('c', { keys: upTo(3) })
    journal.submit('d', { keys: upTo(3) })
    journal.start('c')
    expect(journal.start('d').reason).toBe('KEY_FULL')
    journal.complete('b')
    expect(journal.start('d').accepted).toBe(true)
  })
})

describe('a waiting parent lends its key', () => {
  it('to the child it waits for, but to nobody else', () => {
    const journal = new Journal()
    journal.run('p', { keys: one('k') })
    journal.submit('c', { keys: one('k'), under: 'p' })
    journal.submit('other', { keys: one('k') })
    expect(journal.start('c').reason).toBe('KEY_FULL')
    journal.ask('p', 'c')
    expect(journal.start('other').reason).toBe('KEY_FULL')
    expect(journal.start('c').accepted).toBe(true)
    expect(journal.start('other').reason).toBe('KEY_FULL')
  })

  it('to one child at a time', () => {
    const journal = new Journal()
    journal.run('p', { keys: one('k') })
    for (const id of ['c1', 'c2']) {
      journal.submit(id, { keys: one('k'), under: 'p' })
      journal.ask('p', id)
    }
    expect(journal.start('c1').accepted).toBe(true)
    expect(journal.start('c2').reason).toBe('KEY_FULL')
    journal.complete('c1')
    expect(journal.start('c2').accepted).toBe(true)
    journal.complete('c2')
    expect(journal.at('p')).toBe('running.executing')
    expect(holdersOf(journal)).toEqual(['p'])
  })

  it('over several generations, also through one that has no key', () => {
    const journal = new Journal()
    journal.run('p', { keys: one('k') })
    const family = ['p', 'c', 'g', 'gg']
    for (const [i, id] of ['c', 'g', 'gg'].entries()) {
      const parent = family[i] as string
      journal.submit(id, { under: parent, ...(id === 'c' ? {} : { keys: one('k') }) })
      journal.ask(parent, id)
      expect(journal.start(id).accepted).toBe(true)
    }
    for (const id of family.toReversed()) expect(journal.complete(id).accepted).toBe(true)
    expect(journal.state.keys.size).toBe(0)
  })

  it('and the family counts once against the limit', () => {
    const journal = new Journal()
    journal.run('p', { keys: upTo(2) })
    journal.submit('c', { keys: upTo(2), under: 'p' })
    journal.ask('p', 'c')
    journal.start('c')
    journal.submit('n1', { keys: upTo(2) })
    journal.submit('n2', { keys: upTo(2) })
    expect(journal.start('n1').accepted).toBe(true)
    expect(journal.start('n2').reason).toBe('KEY_FULL')
  })

  it('but not after it was told to stop', () => {
    const journal = new Journal()
    journal.run('p', { keys: one('k') })
    journal.submit('c', { keys: one('k'), under: 'p' })
    journal.ask('p', 'c')
    journal.end('p', 'shutdown')
    expect(journal.start('c').reason).toBe('KEY_FULL')
    journal.end('p', 'ended')
    expect(journal.start('c').accepted).toBe(true)
    expect(journal.start('p').reason).toBe('KEY_FULL')
  })

  it('with the limit of the parent in force', () => {
    const journal = new Journal()
    journal.run('p', { keys: one('k') })
    for (const id of ['c1', 'c2']) {
      journal.submit(id, { keys: upTo(9), under: 'p' })
      journal.ask('p', id)
    }
    journal.start('c1')
    expect(journal.start('c2').reason).toBe('KEY_FULL')
  })
})

describe('two parents that wait for one child', () => {
  it('lend it one place, not two: both go on when it ends', () => {
    const journal = new Journal()
    journal.run('p1', { keys: upTo(2) })
    journal.run('p2', { keys: upTo(2) })
    journal.submit('c', { keys: upTo(2), under: 'p1' })
    journal.ask('p1', 'c')
    journal.ask('p2', 'c')
    journal.submit('n', { keys: upTo(2) })
    expect(journal.start('c').accepted).toBe(true)
    expect(journal.start('n').reason).toBe('KEY_FULL')
    journal.complete('c')
    expect(journal.start('n').reason).toBe('KEY_FULL')
    journal.complete('p1')
    expect(journal.start('n').accepted).toBe(true)
  })

  it('lend a place each to two grandchildren', () => {
    const journal = new Journal()
    for (const id of ['p1', 'p2']) journal.run(id, { keys: upTo(2) })
    journal.submit('c', { keys: upTo(2), under: 'p1' })
    for (const id of ['p1', 'p2']) journal.ask(id, 'c')
    journal.start('c')
    for (const id of ['g1', 'g2', 'g3']) {
      journal.submit(id, { keys: upTo(2), under: 'c' })
      journal.ask('c', id)
    }
    expect([journal.start('g1').accepted, journal.start('g2').accepted]).toEqual([true, true])
    expect(journal.start('g3').reason).toBe('KEY_FULL')
  })

  it('lend so that as many fit as can', () => {
    const journal = new Journal()
    for (const id of ['p1', 'p2']) journal.run(id, { keys: upTo(2) })
    journal.submit('a', { keys: upTo(2), under: 'p1' })
    journal.submit('b', { keys: upTo(2), under: 'p1' })
    journal.ask('p1', 'a')
    journal.ask('p1', 'b')
    journal.ask('p2', 'a')
    expect([journal.start('a').accepted, journal.start('b').accepted]).toEqual([true, true])
  })
})
