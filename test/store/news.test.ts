import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { News } from '../../src/store/news.ts'
import type { StoreChange } from '../../src/store/store.ts'

const change = (name: string): StoreChange => ({ name }) as unknown as StoreChange
const nameOf = (told: StoreChange): string => (told as unknown as { name: string }).name

describe('News', () => {
  it('tells everybody, in order of subscription', () => {
    const news = new News()
    const heard: string[] = []
    news.subscribe((told) => heard.push(`1 ${nameOf(told)}`))
    news.subscribe((told) => heard.push(`2 ${nameOf(told)}`))
    news.tell([change('a'), change('b')])
    expect(heard).toEqual(['1 a', '2 a', '1 b', '2 b'])
  })

  it('tells the whole step before what its listeners bring about, to any depth', () => {
    const news = new News()
    const heard: string[] = []
    news.subscribe((told) => {
      const name = nameOf(told)
      if (name === 'a') news.tell([change('a1'), change('a2')])
      if (name === 'a1') news.tell([change('a11')])
    })
    news.subscribe((told) => heard.push(nameOf(told)))
    news.tell([change('a'), change('b')])
    expect(heard).toEqual(['a', 'b', 'a1', 'a2', 'a11'])
  })

  it('bears a step of 200,000 changes made by a listener', () => {
    const news = new News()
    let heard = 0
    news.subscribe((told) => {
      heard += 1
      if (nameOf(told) === 'many') news.tell(Array.from({ length: 200_000 }, () => change('one')))
    })
    news.tell([change('many')])
    expect(heard).toBe(200_001)
  })

  it('tells what comes after a listener threw, and warns once for each throw', async () => {
    const warnings: string[] = []
    const hear = (warning: Error): void => void warnings.push(`${warning.name}: ${warning.message}`)
    process.on('warning', hear)
    const news = new News()
    const heard: string[] = []
    news.subscribe((told) => {
      if (nameOf(told) === 'a') news.tell([change('later')])
      throw new Error(`no ${nameOf(told)}`)
    })
    news.subscribe((told) => heard.push(nameOf(told)))
    news.tell([change('a')])
    news.tell([change('b')])
    await turn()
    process.off('warning', hear)
    expect(heard).toEqual(['a', 'later', 'b'])
    const message = 'OffstageWarning: a listener of the store threw: Error: no '
    expect(warnings).toEqual([`${message}a`, `${message}later`, `${message}b`])
  })

  it('tells nobody once all are gone', () => {
    const news = new News()
    const heard: string[] = []
    const stop = news.subscribe((told) => heard.push(nameOf(told)))
    news.subscribe((told) => {
      heard.push(nameOf(told))
      news.clear()
    })
    news.tell([change('a'), change('b')])
    stop()
    expect(heard).toEqual(['a', 'a'])
  })
})
