import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import type { Told } from '../../src/cli/life.ts'
import { LifePrinter } from '../../src/cli/life-printer.ts'
import { Output } from '../../src/cli/output.ts'

const where = { segment: 1, line: 2 }
const step = { type: 'step', event: 'start', from: 'pending.queued', to: 'running.executing' } as const
const started: Told = { ...step, at: 0, version: 2, by: 'worker w', detail: 'run 1', where }

function printed(told: Told, json: boolean): string {
  const stdout = new PassThrough()
  new LifePrinter(new Output({ json, color: false, stdout, stderr: new PassThrough(), env: {} })).print(told)
  return String(stdout.read())
}

describe.each([['as JSON', true] as const, ['for people', false] as const])('a step %s', (_, json) => {
  it('has its time', () => {
    expect(printed(started, json)).toContain('1970-01-01T00:00:00.000Z')
  })

  it('is told, too, where a journal has it at a time that no date can hold', () => {
    expect(printed({ ...started, at: Number.MAX_SAFE_INTEGER }, json)).toContain('+287396-10-12T08:59:00.991Z')
  })
})
