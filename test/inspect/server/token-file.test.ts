import { chmodSync, linkSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { keptToken } from '../../../src/inspect/server/token-file.ts'

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'offstage-token-'))
  onTestFinished(() => rmSync(made, { recursive: true, force: true }))
  return made
}
const planted = 'p'.repeat(22)

describe('a token in a file', () => {
  it('is made once, and can be read by its owner alone', async () => {
    const dir = folder()
    const token = await keptToken(dir)
    expect(token).toMatch(/^[A-Za-z0-9]{22}$/)
    expect(statSync(join(dir, 'inspector.token')).mode & 0o777).toBe(0o600)
    expect(await keptToken(dir)).toBe(token)
  })

  it('is made private whatever the umask is', async () => {
    const before = process.umask(0)
    onTestFinished(() => void process.umask(before))
    const dir = folder()
    await keptToken(dir)
    expect(statSync(join(dir, 'inspector.token')).mode & 0o777).toBe(0o600)
  })

  it.each([0o644, 0o640, 0o602])('is replaced where others could read or write it: %o', async (mode) => {
    const dir = folder()
    const path = join(dir, 'inspector.token')
    writeFileSync(path, planted)
    chmodSync(path, mode)
    expect(await keptToken(dir)).not.toBe(planted)
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it.each([
    ['a symbolic link', symlinkSync],
    ['a hard link', linkSync],
  ])('is replaced where it is %s, and nothing is written behind it', async (_, link) => {
    const [dir, elsewhere] = [folder(), join(folder(), 'other')]
    writeFileSync(elsewhere, planted, { mode: 0o600 })
    link(elsewhere, join(dir, 'inspector.token'))
    expect(await keptToken(dir)).not.toBe(planted)
    expect(readFileSync(elsewhere, 'utf8')).toBe(planted)
  })

  it.each(['', 'short', `${planted}; Path=/`, 'x'.repeat(500)])('is replaced where it is none: %j', async (text) => {
    const dir = folder()
    writeFileSync(join(dir, 'inspector.token'), text, { mode: 0o600 })
    expect(await keptToken(dir)).toMatch(/^[A-Za-z0-9]{22}$/)
  })

  it('rejects where the folder cannot be written', async () => {
    await expect(keptToken(join(folder(), 'nowhere'))).rejects.toThrow('ENOENT')
  })
})
