import { describe, expect, it } from 'vitest'
import { cell, columns, records } from '../../tools/lifecycle.ts'

/** The table as it was specified and model-checked before there was code. */
const specified: Readonly<Record<string, readonly string[]>> = {
  submit: ['blocked / delayed / queued', '·', '·', '·', '·', '·', '·', '·', '·', '·', '·'],
  unblock: ['·', '·', '·', 'delayed / queued', '·', '·', '·', '·', '·', '·', '·'],
  needFailed: ['·', '·', '·', 'failed', '·', '·', '·', '·', '·', '·', '·'],
  start: ['·', 'executing', 'executing', '·', '·', '·', '·', '·', '·', '·', '·'],
  progress: ['·', '·', '·', '·', '=', '=', '=', '=', '=', '·', '·'],
  ask: ['·', '·', '·', '·', 'waiting', '=', '·', '·', '·', '·', '·'],
  answer: ['·', '·', '·', '·', '·', '= / executing', '·', '·', '·', '·', '·'],
  complete: ['·', '·', '·', '·', 'completed', 'completed', 'completed', 'delayed / failed', 'cancelled', '·', 'frees'],
  fail: [
    '·',
    '·',
    '·',
    '·',
    'delayed / failed',
    'delayed / failed',
    'delayed / failed',
    'delayed / failed',
    'cancelled',
    '·',
    'frees',
  ],
  ended: ['·', '·', '·', '·', '·', '·', 'queued', 'delayed / failed', 'cancelled', '·', 'frees'],
  release: ['·', '·', '·', '·', 'queued', 'queued', 'queued', 'delayed / failed', 'cancelled', '·', 'frees'],
  shutdown: ['·', '·', '·', '·', 'stopping: shutdown', 'stopping: shutdown', '·', '·', '·', '·', '·'],
  'timeout (attempt)': [
    '·',
    '·',
    '·',
    '·',
    'stopping: timeout',
    'stopping: timeout',
    'stopping: timeout',
    '·',
    '·',
    '·',
    '·',
  ],
  'timeout (deadline)': [
    '·',
    'failed',
    'failed',
    'failed',
    'stopping: timeout',
    'stopping: timeout',
    'stopping: timeout',
    '=',
    '·',
    '·',
    '·',
  ],
  cancel: [
    '·',
    'cancelled',
    'cancelled',
    'cancelled',
    'stopping: cancel',
    'stopping: cancel',
    'stopping: cancel',
    'stopping: cancel',
    '·',
    '·',
    '·',
  ],
  abandon: ['·', '·', '·', '·', '·', '·', '·', 'failed, still runs', 'cancelled, still runs', '·', '·'],
  expire: [
    '·',
    '·',
    '·',
    '·',
    'failed / queued',
    'failed / queued',
    'queued',
    'delayed / failed',
    'cancelled',
    '·',
    'frees',
  ],
  freed: ['·', '·', '·', '·', '·', '·', '·', '·', '·', '·', 'frees'],
  forget: ['·', '·', '·', '·', '·', '·', '·', '·', '·', 'removed', '·'],
}

describe('the lifecycle', () => {
  it('knows every record', () => {
    expect(records).toEqual(Object.keys(specified))
  })

  it.each(Object.entries(specified))('does with %s what was specified', (record, cells) => {
    expect(Object.keys(columns).map((column) => cell(column, record))).toEqual(cells)
  })
})
