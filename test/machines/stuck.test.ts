import { describe, expect, it } from 'vitest'
import { stuckOver } from '../../src/machines/stuck.ts'
import { Journal, one } from './sim/journal.ts'

const cycle = (journal: Journal, id: string) => stuckOver(journal.state, journal.task(id))?.map(({ task }) => task)

describe('a task is stuck', () => {
  it('when the key that it wants is held by one that waits for it by a detour over needs', () => {
    const journal = new Journal()
    journal.run('p', { keys: one('k') })
    journal.submit('first', { under: 'p', keys: one('k') })
    journal.submit('second', { under: 'p', needs: ['first'] })
    journal.ask('p', 'second')
    expect(journal.start('first').reason).toBe('KEY_FULL')
    expect(cycle(journal, 'first')).toEqual(['first', 'p', 'second'])
    expect(cycle(journal, 'second')).toEqual(['second', 'first', 'p'])
  })

  it('when it only leads into a deadlock, whose cycle is told', () => {
    const journal = new Journal()
    journal.run('p', { keys: one('k') })
    journal.submit('first', { under: 'p', keys: one('k') })
    journal.submit('second', { under: 'p', needs: ['first'] })
    journal.submit('outside', { needs: ['p'] })
    journal.ask('p', 'second')
    expect(cycle(journal, 'outside')).toEqual(['p', 'second', 'first'])
  })
})

describe('a task is not stuck', () => {
  it('when it runs, is queued, or has ended', () => {
    const journal = new Journal()
    journal.run('a', { keys: one('k') })
    journal.submit('b')
    journal.run('c')
    journal.complete('c')
    expect(['a', 'b', 'c'].map((id) => cycle(journal, id))).toEqual([undefined, undefined, undefined])
  })

  it('while anybody who holds the key can move', () => {
    const journal = new Journal()
    const keys = [{ key: 'k', limit: 2 }]
    for (const n of [1, 2]) {
      journal.run(`p${n}`, { keys })
      journal.submit(`first${n}`, { under: `p${n}`, keys })
      journal.submit(`second${n}`, { under: `p${n}`, needs: [`first${n}`] })
    }
    journal.ask('p1', 'second1')
    expect(journal.start('first1').reason).toBe('KEY_FULL')
    expect(cycle(journal, 'first1')).toBeUndefined()
    journal.ask('p2', 'second2')
    expect(cycle(journal, 'first1')).toEqual(['first1', 'p1', 'second1'])
  })

  it('when a zombie holds the key: its work may end', () => {
    const journal = new Journal()
    journal.run('z', { keys: one('k') })
    journal.abandon('z')
    journal.submit('a', { keys: one('k') })
    expect(cycle(journal, 'a')).toBeUndefined()
  })

  it('when somebody may still give the input that the holder waits for', () => {
    const journal = new Journal()
    journal.run('p', { keys: one('k') })
    journal.ask('p')
    journal.submit('a', { keys: one('k') })
    expect([cycle(journal, 'a'), cycle(journal, 'p')]).toEqual([undefined, undefined])
  })
})
