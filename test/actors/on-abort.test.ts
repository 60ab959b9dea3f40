import { getEventListeners } from 'node:events'
import { describe, expect, it, vi } from 'vitest'
import { onAbort } from '../../src/actors/on-abort.ts'

describe('onAbort', () => {
  it('calls every listener once, in order, when the signal is aborted', () => {
    const controller = new AbortController()
    const heard: number[] = []
    for (const i of [1, 2, 3]) onAbort(controller.signal, () => heard.push(i))
    controller.abort()
    controller.abort()
    expect(heard).toEqual([1, 2, 3])
  })

  it('does not call a listener that was taken back', () => {
    const controller = new AbortController()
    const [stays, goes] = [vi.fn(), vi.fn()]
    onAbort(controller.signal, stays)
    onAbort(controller.signal, goes)()
    controller.abort()
    expect([stays.mock.calls.length, goes.mock.calls.length]).toEqual([1, 0])
  })

  it('is one listener of the signal, however many want to hear, and none when nobody does', () => {
    const { signal } = new AbortController()
    const undo = Array.from({ length: 100 }, () => onAbort(signal, () => {}))
    expect(getEventListeners(signal, 'abort')).toHaveLength(1)
    for (const each of undo) each()
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })

  it('hears again after everybody had left', () => {
    const controller = new AbortController()
    const heard = vi.fn()
    onAbort(controller.signal, () => {})()
    onAbort(controller.signal, heard)
    controller.abort()
    expect(heard).toHaveBeenCalledOnce()
  })
})
