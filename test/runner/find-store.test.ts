import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findStore } from '../../src/runner/find-store.ts'

let home: string
const given = process.env.OFFSTAGE_DIR

beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'offstage-find-')))
  delete process.env.OFFSTAGE_DIR
})
afterEach(() => {
  rmSync(home, { recursive: true, force: true })
  if (given === undefined) delete process.env.OFFSTAGE_DIR
  else process.env.OFFSTAGE_DIR = given
})

const config = (text: string): void => writeFileSync(join(home, 'offstage.config.mjs'), text)
const found = async (): Promise<string> => (await findStore({ cwd: home })).name
const unread = "import './missing.mjs'\n"

describe('the store of a project', () => {
  it('stands beside the config, which is not run', async () => {
    config(`${unread}export default defineConfig({ recipes: [] })`)
    mkdirSync(join(home, 'a/.offstage'), { recursive: true })
    expect((await findStore({ cwd: join(home, 'a') })).name).toBe(`file ${join(home, '.offstage')}`)
  })

  it('stands where OFFSTAGE_DIR says, in .env as well', async () => {
    config(`${unread}export default defineConfig({ recipes: [] })`)
    writeFileSync(join(home, '.env'), 'OFFSTAGE_DIR=elsewhere\n')
    expect(await found()).toBe(`file ${join(home, 'elsewhere')}`)
  })

  it.each([
    "export default { ['d' + 'ir']: 'data' }",
    "export default defineConfig({ dir: 'data' })\nfunction defineConfig(c) { return c }",
    "const more = { dir: 'data' }\nexport default defineConfig({ ...more })\nfunction defineConfig(c) { return c }",
  ])('stands where a config says that is run for it: %s', async (text) => {
    config(text)
    expect(await found()).toBe(`file ${join(home, 'data')}`)
  })

  it('does not run a config for what its comments say', async () => {
    config(`${unread}// dir and store\n/* store */export default defineConfig({ recipes: [] })`)
    expect(await found()).toBe(`file ${join(home, '.offstage')}`)
  })

  it('is the nearest that exists where there is no config, else a new one', async () => {
    expect(await found()).toBe(`file ${join(home, '.offstage')}`)
    mkdirSync(join(home, '.offstage'))
    mkdirSync(join(home, 'a/b'), { recursive: true })
    expect((await findStore({ cwd: join(home, 'a/b') })).name).toBe(`file ${join(home, '.offstage')}`)
  })

  it('is the folder that was given, and no config is looked at', async () => {
    config('throw new Error()')
    expect((await findStore({ cwd: home, dir: 'x' })).name).toBe(`file ${join(home, 'x')}`)
  })

  it('is empty, and is not made, where one only looks at what is not there', async () => {
    const store = await findStore({ cwd: home, readOnly: true })
    expect((await store.list({})).tasks).toEqual([])
    expect(store.name).toBe(`file ${join(home, '.offstage')}, which is not there yet`)
    expect(existsSync(join(home, '.offstage'))).toBe(false)
  })
})
