import { describe, expect, it } from 'vitest'
import { checkImports } from '../../tools/imports.ts'
import { fakeTree, told } from './tree.ts'

const check = (files: Record<string, string>): string[] => told(checkImports(fakeTree(files)))

describe('the law of imports', () => {
  it('lets every folder import the shared leaves, and the face import the core', () => {
    const files = {
      'src/errors.ts': '',
      'src/machines/task.ts': `import { setup } from 'xstate'\nimport '../errors.ts'`,
      'src/store/memory.ts': `import '../machines/task.ts'`,
      'src/runner/runner.ts': `import 'node:async_hooks'\nimport '../store/memory.ts'`,
      'src/index.ts': `export { Runner } from './runner/runner.ts'`,
    }
    expect(check(files)).toEqual([])
  })

  it('finds an import against the table, also of a type alone', () => {
    const files = { 'src/actors/task.ts': '', 'src/store/store.ts': `import type { A } from '../actors/task.ts'` }
    expect(check(files)).toEqual([
      'src/store/store.ts:1 store may not import actors (src/store/store.ts → src/actors/task.ts)',
    ])
  })

  it('lets actors import the types of the store, and nothing of it that runs', () => {
    const files = {
      'src/store/store.ts': '',
      'src/actors/a.ts': `import type { Store } from '../store/store.ts'`,
      'src/actors/b.ts': `import { type Store } from '../store/store.ts'`,
    }
    expect(check(files)).toEqual(['src/actors/b.ts:1 actors may import only types from store: use import type'])
  })

  it('finds Node and foreign packages in the charts, and dynamic imports too', () => {
    const found = check({
      'src/machines/a.ts': `import 'node:fs'\nconst id = import('nanoid')\ntype X = import('node:fs').Stats`,
    })
    expect(found).toEqual([
      `src/machines/a.ts:1 machines may not import Node's modules (node:fs)`,
      'src/machines/a.ts:2 machines may not import the package nanoid',
      `src/machines/a.ts:3 machines may not import Node's modules (node:fs)`,
    ])
  })

  it('finds a package that package.json does not declare, and a bare name of a module of Node', () => {
    expect(check({ 'src/runner/a.ts': `import '@scope/thing/deep'\nimport 'fs'` })).toEqual([
      'src/runner/a.ts:1 @scope/thing is not among the dependencies in package.json',
      'src/runner/a.ts:2 write node:fs',
    ])
  })

  it('lets the page import what is built into it, though nobody has to install that, and nothing else', () => {
    const files = {
      'src/inspect/page/main.tsx': `import { render } from 'preact'\nimport { useState } from 'preact/hooks'`,
      'src/inspect/page/views/task.tsx': `import 'nanoid'\nimport '../main.tsx'`,
      'src/inspect/server.ts': `import 'preact'`,
    }
    expect(check(files)).toEqual([
      'src/inspect/page/views/task.tsx:1 inspect/page may not import the package nanoid',
      'src/inspect/server.ts:1 preact is not among the dependencies in package.json',
    ])
  })

  it('lets the page import the charts and its protocol, and nothing else of the inspector', () => {
    const page = `import '../protocol.ts'\nimport '../../machines/task.ts'\nimport '../server.ts'`
    const files = {
      'src/machines/task.ts': '',
      'src/inspect/protocol.ts': '',
      'src/inspect/server.ts': '',
      'src/inspect/page/main.ts': page,
    }
    expect(check(files)).toEqual([
      'src/inspect/page/main.ts:3 inspect/page may not import inspect (src/inspect/page/main.ts → src/inspect/server.ts)',
    ])
  })

  it('lets the command line import entries, and nobody inside the core', () => {
    const files = {
      'src/index.ts': '',
      'src/cli/main.ts': `import '../index.ts'`,
      'src/runner/a.ts': `import '../index.ts'`,
    }
    expect(check(files)).toEqual(['src/runner/a.ts:1 ../index.ts is an entry; import the file that defines the thing'])
  })

  it('finds a cycle, also one of types', () => {
    const files = {
      'src/a.ts': `import type { B } from './b.ts'`,
      'src/b.ts': `import './c.ts'`,
      'src/c.ts': `import './a.ts'`,
    }
    expect(check(files)).toEqual(['src/a.ts:1 imports in a circle: a.ts → b.ts → c.ts → a.ts'])
  })

  it('finds a re-export outside the entries', () => {
    expect(check({ 'src/errors.ts': '', 'src/clock.ts': `export { E } from './errors.ts'` })).toEqual([
      'src/clock.ts:1 only an index.ts re-exports',
    ])
  })

  it('finds a relative import without a file, and a folder without a row', () => {
    expect(check({ 'src/a.ts': `import './b.js'`, 'src/misc/x.ts': '' })).toEqual([
      'src/a.ts:1 ./b.js is no file; relative imports carry the suffix .ts or .tsx',
      'src/misc/x.ts:1 misc has no row in tools/layers.ts',
    ])
  })

  it('refuses a file that is not TypeScript, by name and line', () => {
    expect(() => check({ 'src/a.ts': 'const ok = 1\nconst = 2' })).toThrow(/^src\/a\.ts:2 /)
  })
})
