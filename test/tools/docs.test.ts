import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Block, blocksOf, checkBlocks, checkFences } from '../../tools/docs.ts'
import { fakeTree, told } from './tree.ts'

const fence = (code: string, words = 'ts'): string => `\`\`\`${words}\n${code}\n\`\`\`\n`
const root = resolve(import.meta.dirname, '../..')

describe('the blocks of the docs', () => {
  it('are found in pages and in JSDoc, with the line where their code begins', () => {
    const jsdoc = `/** @module X */\n/**\n * Does.\n *\n * @example\n * \`\`\`ts\n * const a = 1\n *   a\n * \`\`\`\n */\nexport const x = 1\n`
    const tree = fakeTree({
      'README.md': `# Hi\n${fence('one()')}`,
      'docs/a/b.md': fence('two()', 'ts no-run'),
      'src/x.ts': jsdoc,
    })
    expect(blocksOf(tree)).toEqual([
      { path: 'README.md', line: 3, code: 'one()\n', run: true },
      { path: 'docs/a/b.md', line: 2, code: 'two()\n', run: false },
      { path: 'src/x.ts', line: 7, code: 'const a = 1\n  a\n', run: true },
    ])
  })

  it('are those of TypeScript only', () => {
    expect(
      blocksOf(fakeTree({ 'README.md': fence('ls', 'bash') + fence('{}', 'json') + fence('graph', 'mermaid') })),
    ).toEqual([])
  })

  it('may say no-run and nothing else', () => {
    expect(
      told(checkFences(fakeTree({ 'README.md': `\n${fence('a', 'ts no-check')}${fence('b', 'ts no-run')}` }))),
    ).toEqual(['README.md:2 ```ts no-check: only no-run may follow'])
  })

  it('stand in every @example', () => {
    const tree = fakeTree({ 'src/a.ts': '/**\n * @example\n * f()\n */\nexport const f = 1' })
    expect(told(checkFences(tree))).toEqual(['src/a.ts:2 @example must be followed by a line with ```ts'])
  })
})

describe('the law of examples', () => {
  const block = (code: string, over: Partial<Block> = {}): Block => ({
    path: 'README.md',
    line: 5,
    code,
    run: true,
    ...over,
  })
  const check = async (...blocks: Block[]): Promise<string[]> =>
    told(await checkBlocks(blocks, root, resolve(root, '.build/test-docs')))

  it('finds what does not compile, at its line, and what fails when it runs', async () => {
    const found = await check(
      block('const a = 1\nconst b: string = a\n'),
      block(`throw new Error('oh no')\n`, { line: 20 }),
      block(`const fine: number = await Promise.resolve(1)\n`, { path: 'docs/a.md' }),
      block(`throw new Error('not run')\n`, { line: 40, run: false }),
    )
    expect(found).toEqual([
      expect.stringMatching(/^README\.md:6 error TS2322/),
      expect.stringMatching(/^README\.md:20 the example fails: .*oh no/s),
    ])
  })

  it('finds an import of a package that does not exist', async () => {
    expect(await check(block(`import { a } from 'offstage-that-is-not-there'\na\n`))).toEqual([
      expect.stringMatching(/^README\.md:5 error TS2307/),
    ])
  })
})
