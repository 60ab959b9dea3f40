import { Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { Output, type Sink } from '../../src/cli/output.ts'
import { styled } from '../../src/cli/text.ts'
import { OffstageError } from '../../src/errors.ts'

class Memory extends Writable {
  text = ''
  isTTY = false
  columns = 40
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString()
    done()
  }
}

function outputs({ json = false, color = true, tty = false, env = {} as NodeJS.ProcessEnv } = {}) {
  const stdout = new Memory()
  const stderr = new Memory()
  stdout.isTTY = tty
  const out = new Output({ json, color, stdout: stdout as Sink, stderr: stderr as Sink, env })
  return { out, stdout, stderr }
}

describe('output', () => {
  it('makes every text safe, in colours or not', () => {
    const { out, stdout, stderr } = outputs({ tty: true })
    out.line('\x1b[2J', styled('red', '\x9b31m'))
    out.note('\r')
    expect(stdout.text).toBe('\\u001b[2J\x1b[31m\\u009b31m\x1b[39m\n')
    expect(stderr.text).toBe('\\u000d\n')
  })

  it.each([
    [{ tty: false }, false],
    [{ tty: true }, true],
    [{ tty: true, color: false }, false],
    [{ tty: true, env: { NO_COLOR: '1' } }, false],
    [{ tty: true, env: { NO_COLOR: '' } }, true],
    [{ tty: true, env: { TERM: 'dumb' } }, false],
    [{ tty: false, env: { FORCE_COLOR: '1' } }, true],
    [{ tty: false, env: { FORCE_COLOR: '1', NO_COLOR: '1' } }, false],
  ])('has colours with %o: %s', (options, colours) => {
    const { out, stdout } = outputs(options)
    out.line(styled('red', 'x'))
    expect(stdout.text.includes('\x1b')).toBe(colours)
  })

  it('prints a list as one document, whatever its length', () => {
    for (const items of [[], [1], [{ a: '\x1b' }, 2, 'x']]) {
      const { out, stdout } = outputs({ json: true })
      out.items(items)
      expect(JSON.parse(stdout.text)).toEqual(items)
      expect(stdout.text.endsWith('\n')).toBe(true)
    }
  })

  it('prints results: text as it is, values as JSON, nothing for nothing', () => {
    const told = (value: unknown, json: boolean): string => {
      const { out, stdout } = outputs({ json })
      out.result(value)
      return stdout.text
    }
    expect(told('a\nb\x1b', false)).toBe('a\nb\\u001b\n')
    expect(told({ a: 1 }, false)).toBe('{\n  "a": 1\n}\n')
    expect(told(undefined, false)).toBe('')
    expect(told('a\n', true)).toBe('"a\\n"\n')
    expect(told(undefined, true)).toBe('null\n')
  })

  it('knows the width of a terminal only', () => {
    expect(outputs({ tty: true }).out.width).toBe(40)
    expect(outputs().out.width).toBeUndefined()
  })
})

describe('errors', () => {
  it('of ours are told by their message, on stderr', () => {
    const { out, stdout, stderr } = outputs()
    out.error(new OffstageError('NOT_FOUND', 'no task \x1b'))
    expect(stderr.text).toBe('error no task \\u001b\n')
    expect(stdout.text).toBe('')
  })

  it('of others come with their stack, and so do causes', () => {
    const { out, stderr } = outputs()
    out.error(new OffstageError('CONFIG', 'it cannot be used', { cause: new TypeError('no key') }))
    expect(stderr.text).toMatch(/^error it cannot be used\nTypeError: no key\n {4}at /)
  })

  it('are JSON under --json', () => {
    const { out, stderr } = outputs({ json: true })
    out.error(new OffstageError('NOT_FOUND', 'no task'))
    expect(JSON.parse(stderr.text)).toEqual({ error: { code: 'NOT_FOUND', message: 'no task' } })
  })

  it('hold no secrets', () => {
    const { out, stderr } = outputs({ env: { MY_TOKEN: 'abcdefgh' } })
    out.error(new Error('redis://u:p@h refused abcdefgh'))
    expect(stderr.text).not.toMatch(/u:p|abcdefgh/)
    expect(stderr.text).toContain('redis://***@h refused ***')
  })

  it('may be anything that was thrown', () => {
    const { out, stderr } = outputs()
    out.error('just text')
    expect(stderr.text).toBe('error just text\n')
  })
})
