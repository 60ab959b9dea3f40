import { describe, expect, it } from 'vitest'
import { taskView } from '../../../src/inspect/views/task.ts'
import { taskChart } from '../../../src/machines/store-state.ts'
import { cancel, complete, ended, hostOf, line, progress, recorded, start, submit } from './kit.ts'

const life = [
  submit('a', 1, { input: { apiKey: 'hidden!' } }),
  start('a', 2),
  progress('a', 3, 0.5),
  complete('a', 4, { b: 1 }),
]

describe('a task', () => {
  it('is told from its beginning, so that who folds it arrives where it is', async () => {
    const recording = recorded(life)
    const view = await taskView({ view: 'task', task: 'a' }, 4, hostOf(recording))
    expect(view).toMatchObject({ whole: true, cut: 0, row: { state: 'completed' }, result: { b: 1 } })
    expect(view.happenings.map(({ event, from, to, version }) => [event.type, from, to, version])).toEqual([
      ['submit', 'new', 'pending.queued', 1],
      ['start', 'pending.queued', 'running.executing', 2],
      ['progress', 'running.executing', 'running.executing', 3],
      ['complete', 'running.executing', 'completed', 4],
    ])
    let snapshot = taskChart.initial
    expect(view.base?.state).toBe('new')
    for (const { event, to } of view.happenings) {
      snapshot = taskChart.next(snapshot, event as never)
      expect(snapshot.leaf.name).toBe(to)
    }
  })

  it('begins with a snapshot where its beginning is not kept, and says how much was left out', async () => {
    const many = Array.from({ length: 3_000 }, (_, i) => progress('a', 3, i / 3_000))
    const recording = recorded([submit('a', 1), start('a', 2), ...many])
    const view = await taskView({ view: 'task', task: 'a' }, recording.last, hostOf(recording))
    expect([view.happenings.length, view.cut, view.base?.state]).toEqual([2_000, 1_002, 'running.executing'])
    expect(view.happenings[0]?.version).toBe((view.base?.context.version ?? 0) + 1)
    const short = recorded([submit('a', 1), start('a', 2), progress('a', 3, 0.5)], 1)
    expect(await taskView({ view: 'task', task: 'a' }, 3, hostOf(short))).toMatchObject({
      base: { state: 'running.executing' },
      happenings: [{ event: { type: 'progress' } }],
    })
  })

  it('is told on from what its viewer has got', async () => {
    const recording = recorded(life)
    const entries = [line(1, 2, 'one'), line(2, 3, 'two')]
    const asked: number[] = []
    const lines = (_task: string, after: number) => {
      asked.push(after)
      return entries.filter(({ n }) => n > after)
    }
    const view = await taskView(
      { view: 'task', task: 'a' },
      4,
      hostOf(recording, { lines, sent: { happening: 3, line: 1 } }),
    )
    expect(view).toMatchObject({ whole: false, happenings: [{ n: 4 }], lines: [{ text: 'two' }] })
    expect(view.base).toBeUndefined()
    expect(asked).toEqual([1])
  })

  it('is shown as it was at an earlier moment, with what it had written by then', async () => {
    const recording = recorded(life)
    const lines = () => [line(1, 2, 'early s3cret'), line(2, 3, 'later')]
    const view = await taskView({ view: 'task', task: 'a' }, 2, hostOf(recording, { live: false, lines }))
    expect(view).toMatchObject({
      row: { state: 'running.executing' },
      lines: [{ text: 'early ***' }],
      happenings: [{}, {}],
    })
    expect(view.explanation).toBeUndefined()
    expect(view.result).toBeUndefined()
    expect(await taskView({ view: 'task', task: 'a' }, 0, hostOf(recording, { live: false }))).not.toHaveProperty('row')
  })

  it('shows no secret of its values or of its events', async () => {
    const recording = recorded([...life.slice(0, 2), cancel('a', 3, 's3cret reason'), ended('a', 4)])
    const redact = (text: string): string => text.replaceAll('s3cret', '***').replace(/(apiKey=)value/, '$1***')
    const view = await taskView({ view: 'task', task: 'a' }, 4, hostOf(recording, { redact }))
    expect(JSON.stringify(view)).not.toMatch(/s3cret|hidden!/)
    expect(view.input).toEqual({ apiKey: '***' })
  })

  it('names parent, children, needs and what it asks', async () => {
    const recording = recorded([
      submit('p', 1),
      start('p', 2),
      submit('c', 3, { parent: { task: 'p', claim: 'p.1' } }),
      submit('n', 4, { needs: ['c'] }),
      { type: 'ask', task: 'p', at: 5, claim: 'p.1', ask: 1, wait: { kind: 'input', prompt: 'Go on?' } },
    ])
    const view = (task: string) => taskView({ view: 'task', task }, 5, hostOf(recording))
    expect(await view('p')).toMatchObject({
      children: [{ id: 'c' }],
      asks: [{ ask: 1, prompt: 'Go on?' }],
      explanation: 'because',
    })
    expect(await view('c')).toMatchObject({ parent: { id: 'p' }, children: [] })
    expect(await view('n')).toMatchObject({ needs: [{ id: 'c', state: 'pending.queued' }] })
    expect(await view('nobody')).toMatchObject({ id: 'nobody', happenings: [], lines: [] })
  })
})
