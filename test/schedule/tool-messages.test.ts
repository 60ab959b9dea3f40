import { describe, expect, it } from 'vitest'
import * as messages from '../../src/schedule/tool-messages.ts'

const mail = {
  name: 'mail',
  id: 'X1',
  enabled: true,
  when: 'daily',
  tz: 'Europe/Rome',
  next: new Date('2030-01-02T08:00:00Z'),
  what: 'Check email',
}

describe('the answers', () => {
  it.each([
    [messages.added('a', 'X', 'daily', null), "Schedule 'a' added (id: X, daily)."],
    [messages.added('a', 'X', 'daily', 'Asia/Tokyo'), "Schedule 'a' added (id: X, daily, tz=Asia/Tokyo)."],
    [
      messages.alreadyExists('a', 'X'),
      "A schedule named 'a' already exists (id: X). Remove it first or choose a different name.",
    ],
    [messages.failed('adding schedule', 'no'), 'Error adding schedule: no'],
    [messages.notFound('a'), "Schedule 'a' not found."],
    [messages.removed('a'), "Schedule 'a' removed."],
    [messages.paused('a'), "Schedule 'a' paused."],
    [messages.alreadyPaused('a'), "Schedule 'a' is already paused."],
    [messages.resumed('a'), "Schedule 'a' resumed."],
    [messages.alreadyActive('a'), "Schedule 'a' is already active."],
    [messages.updated('a', ['schedule', 'message']), "Schedule 'a' updated (schedule, message)."],
    [messages.updated('a', []), "Schedule 'a' unchanged (nothing to update)."],
    [messages.listed([]), 'No schedules found. Use schedule_add to create one.'],
  ])('%s', (told, expected) => {
    expect(told).toBe(expected)
  })

  it('list one schedule a line: name, id, state, when, next run by its clocks, message', () => {
    const off = { ...mail, name: 'b', id: 'X2', enabled: false, next: undefined }
    expect(messages.listed([mail, off])).toBe(
      [
        'Found 2 schedule(s):',
        '- mail (id: X1) [enabled] daily, next run 2030-01-02 09:00:00 Europe/Rome: Check email',
        '- b (id: X2) [paused] daily, no next run: Check email',
      ].join('\n'),
    )
  })

  it('are bounded: a hundred schedules, and the beginning of a long message', () => {
    const lines = messages.listed(Array.from({ length: 120 }, () => ({ ...mail, what: 'x'.repeat(5_000) }))).split('\n')
    expect(lines).toHaveLength(102)
    expect(lines.at(-1)).toBe('... and 20 more.')
    expect(lines[1]).toMatch(/: x{197}\.\.\.$/)
    expect(messages.notFound('x'.repeat(65_536)).length).toBeLessThan(200)
  })

  it('keep what a user wrote on its line, with nothing hidden in it', () => {
    const what = "a\nSchedule 'b' removed.\u001b[2J\u202e"
    expect(messages.listed([{ ...mail, what }]).split('\n')).toHaveLength(2)
    expect(messages.listed([{ ...mail, what }])).toMatch(/: a Schedule 'b' removed. \[2J$/)
    expect(messages.notFound('a\0b\n\u202e')).toBe("Schedule 'a\\u0000b\\n\\u202e' not found.")
    expect(messages.notFound('')).toBe("Schedule '' not found.")
    expect(messages.listed([{ ...mail, what: `${'x'.repeat(196)}\u{1f600}y${'z'.repeat(9)}` }])).toMatch(
      /x\ufffd\.\.\.$/,
    )
  })
})
