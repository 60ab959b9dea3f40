import { chownSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findConfig, loadConfig } from '../../src/runner/load-config.ts'

let home: string
const variables = { ...process.env }

beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'offstage-config-')))
})
afterEach(() => {
  rmSync(home, { recursive: true, force: true })
  for (const name of Object.keys(process.env)) if (!(name in variables)) delete process.env[name]
})

const write = (name: string, text: string): string => {
  const path = join(home, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  return path
}
const loaded = async (text: string, name = 'offstage.config.ts'): ReturnType<typeof loadConfig> => {
  write(name, text)
  return loadConfig({ cwd: home })
}
const failure = async (text: string): Promise<Error & { code: string; cause: unknown }> =>
  loaded(text).then(
    () => Promise.reject(new Error('it loaded')),
    (error: Error & { code: string; cause: unknown }) => error,
  )

describe('finding the config', () => {
  it('looks upwards for the nearest', () => {
    write('offstage.config.mjs', '')
    const nearer = write('a/offstage.config.js', '')
    mkdirSync(join(home, 'a/b/c'), { recursive: true })
    mkdirSync(join(home, 'd'), { recursive: true })
    expect(findConfig({ cwd: join(home, 'a/b/c') })).toBe(nearer)
    expect(findConfig({ cwd: join(home, 'd') })).toBe(join(home, 'offstage.config.mjs'))
  })

  it('prefers TypeScript in one folder', () => {
    for (const suffix of ['mjs', 'js', 'mts', 'ts']) write(`offstage.config.${suffix}`, '')
    expect(findConfig({ cwd: home })).toBe(join(home, 'offstage.config.ts'))
  })

  it('takes the file that was given, from the folder', () => {
    const path = write('other/my.config.ts', '')
    expect(findConfig({ cwd: home, file: 'other/my.config.ts' })).toBe(path)
    expect(() => findConfig({ cwd: home, file: 'missing.ts' })).toThrow(/there is no config ".*missing.ts"/)
  })

  it('refuses one of another user, unless that is given by name or owns the folder one works in', () => {
    // only root can give files away
    if (process.getuid?.() !== 0) return
    const path = write('offstage.config.ts', '')
    const folder = join(home, 'a')
    mkdirSync(folder)
    chownSync(path, 12_345, 12_345)
    expect(() => findConfig({ cwd: folder })).toThrow(/offstage.config.ts" belongs to another user/)
    expect(findConfig({ cwd: folder, file: '../offstage.config.ts' })).toBe(path)
    chownSync(folder, 12_345, 12_345)
    expect(findConfig({ cwd: folder })).toBe(path)
  })

  it('gives nothing where there is none', async () => {
    expect(findConfig({ cwd: home })).toBeUndefined()
    expect(await loadConfig({ cwd: home })).toBeUndefined()
  })
})

describe('loading the config', () => {
  it('needs no build for TypeScript', async () => {
    write('recipe.ts', 'type Input = { who: string }\nexport const hello = { name: "hello", run: (i: Input) => i.who }')
    const config = await loaded("import { hello } from './recipe.ts'\nexport default { recipes: [hello] }")
    expect(config?.runner.recipes?.map(({ name }) => name)).toEqual(['hello'])
    expect(config?.file).toBe(join(home, 'offstage.config.ts'))
  })

  it('keeps to the aliases of tsconfig.json', async () => {
    write('tsconfig.json', '{ "compilerOptions": { "paths": { "@/*": ["./src/*"] } } }')
    write('src/deep/recipe.ts', "import { name } from '@/name'\nexport const hello = { name, run: () => 1 }")
    write('src/name.ts', "export const name: string = await Promise.resolve('hello')")
    const config = await loaded("import { hello } from '@/deep/recipe'\nexport default { recipes: [hello] }")
    expect(config?.runner.recipes?.map(({ name }) => name)).toEqual(['hello'])
  })

  it.each(['mts', 'js', 'mjs'])('loads a .%s file', async (suffix) => {
    const config = await loaded("export default { name: 'shop' }", `offstage.config.${suffix}`)
    expect(config?.config.name).toBe('shop')
  })

  it('keeps what it compiled beside the packages, and nowhere else', async () => {
    mkdirSync(join(home, 'node_modules'))
    await loaded("export default { name: 'one' as string }")
    expect(findConfig({ cwd: home, file: 'node_modules/.cache/offstage' })).toBeDefined()
  })
})

describe('the store of a config', () => {
  it('stands beside the config', async () => {
    const config = await loaded('export default {}')
    expect(config?.dir).toBe(join(home, '.offstage'))
    expect(config?.runner.store?.name).toBe(`file ${join(home, '.offstage')}`)
  })

  it('stands where OFFSTAGE_DIR says', async () => {
    process.env.OFFSTAGE_DIR = 'elsewhere'
    expect((await loaded('export default {}'))?.dir).toBe(join(home, 'elsewhere'))
  })

  it('stands where the config says, whatever OFFSTAGE_DIR says', async () => {
    process.env.OFFSTAGE_DIR = 'elsewhere'
    expect((await loaded("export default { dir: './data' }"))?.dir).toBe(join(home, 'data'))
  })

  it('is the one that the config brings', async () => {
    const methods = 'submit() {}, claim() {}, append() {}, subscribe() {}'
    const config = await loaded(`export default { store: { name: 'mine', ${methods} } }`)
    expect(config?.dir).toBeUndefined()
    expect(config?.runner.store?.name).toBe('mine')
  })
})

describe('variables', () => {
  it('come from .env before the config is read; those that exist win', async () => {
    process.env.OFFSTAGE_TEST_A = 'mine'
    write('.env', 'OFFSTAGE_TEST_A=file\nOFFSTAGE_TEST_B="from the file"\n')
    const config = await loaded(
      'export default { name: `$' + '{process.env.OFFSTAGE_TEST_A}, $' + '{process.env.OFFSTAGE_TEST_B}` }',
    )
    expect(config?.config.name).toBe('mine, from the file')
  })

  it('come from the file that the config names, instead', async () => {
    write('.env', 'OFFSTAGE_TEST_A=env\n')
    write('my.env', 'OFFSTAGE_TEST_B=mine\n')
    const config = await loaded(
      "export default { envFile: 'my.env', name: `$" +
        '{process.env.OFFSTAGE_TEST_A} $' +
        '{process.env.OFFSTAGE_TEST_B}` }',
    )
    expect(config?.config.name).toBe('undefined mine')
  })

  it('come after the config where its text does not tell which files it names', async () => {
    write('.env', 'OFFSTAGE_TEST_A=env\n')
    write('my.env', 'OFFSTAGE_TEST_B=mine\n')
    await loaded("const envFile = ['my', 'env'].join('.')\nexport default { envFile }")
    expect(process.env.OFFSTAGE_TEST_A).toBeUndefined()
    expect(process.env.OFFSTAGE_TEST_B).toBe('mine')
  })

  it('stay as they are with envFile: false', async () => {
    write('.env', 'OFFSTAGE_TEST_A=env\n')
    await loaded('export default { envFile: false }')
    expect(process.env.OFFSTAGE_TEST_A).toBeUndefined()
  })
})

describe('a config that cannot be used', () => {
  it('tells its file and the cause when it throws', async () => {
    const error = await failure("throw new TypeError('no key')")
    expect(error.message).toBe(`the config "${join(home, 'offstage.config.ts')}" cannot be used: no key`)
    expect(error.code).toBe('CONFIG')
    expect(error.cause).toBeInstanceOf(TypeError)
  })

  it('tells of two recipes of one name', async () => {
    const error = await failure("const a = { name: 'a', run: () => 1 }\nexport default { recipes: [a, { ...a }] }")
    expect(error.message).toContain('offstage.config.ts')
    expect(error.message).toContain('two recipes of the name "a"')
    expect(error.code).toBe('DUPLICATE_RECIPE')
  })

  it.each([
    ['export const config = {}', 'no default export'],
    ['export default { recipies: [] }', 'no option "recipies"'],
    ["import './missing.ts'", 'missing.ts'],
    ['export default {', 'offstage.config.ts'],
    ['throw "a text"', 'a text'],
  ])('says so of %s', async (text, message) => {
    expect((await failure(text)).message).toContain(message)
  })
})
