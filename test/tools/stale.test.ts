import { describe, expect, it } from 'vitest'
import { checkStale, generate } from '../../tools/stale.ts'
import { fakeTree, told } from './tree.ts'

const registry = { parts: { chart: () => 'A → B' }, files: { 'docs/api.txt': () => 'names\n' } }
const fresh = {
  'README.md': 'one\n<!-- generated:chart -->\nA → B\n<!-- /generated -->\ntwo\n',
  'docs/api.txt': 'names\n',
}
const check = async (files: Record<string, string>): Promise<string[]> =>
  told(await checkStale(fakeTree(files), registry))

describe('the law of generated texts', () => {
  it('is content with fresh texts', async () => {
    expect(await check(fresh)).toEqual([])
  })

  it('finds a stale part, and a stale or missing file', async () => {
    expect(await check({ ...fresh, 'README.md': fresh['README.md'].replace('A → B', 'A → C') })).toEqual([
      'README.md:1 not what its generator gives; if the change is meant, npm run generate',
    ])
    expect(await check({ ...fresh, 'docs/api.txt': 'other' })).toHaveLength(1)
    expect(await check({ 'README.md': fresh['README.md'] })).toHaveLength(1)
  })

  it('finds a generator whose text nobody shows', async () => {
    expect(await check({ ...fresh, 'README.md': 'nothing' })).toEqual([
      'tools/generated.ts:1 nothing shows the generated part chart',
    ])
  })

  it('refuses a marker without a generator, and one that is not closed', async () => {
    await expect(check({ ...fresh, 'docs/a.md': '<!-- generated:other -->\n<!-- /generated -->' })).rejects.toThrow(
      /no generator named other/,
    )
    await expect(check({ ...fresh, 'docs/a.md': '<!-- generated:chart -->\n' })).rejects.toThrow(
      /without <!-- \/generated -->/,
    )
  })

  it('writes between the markers and leaves the rest', async () => {
    const stale = fakeTree({ 'docs/a.md': 'x\n<!-- generated:chart -->\nold\n<!-- /generated -->\ny' })
    expect((await generate(stale, registry)).get('docs/a.md')).toBe(
      'x\n<!-- generated:chart -->\nA → B\n<!-- /generated -->\ny',
    )
  })
})
