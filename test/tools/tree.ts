/** @module A project of a few lines, for the tests of the laws. */
import type { Tree } from '../../tools/tree.ts'

const manifest = {
  name: 'offstage',
  exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
  dependencies: { xstate: '5.0.0', nanoid: '5.0.0' },
}

/** Makes a tree of the given files and of a package.json that fits `src/index.ts`. */
export function fakeTree(files: Readonly<Record<string, string>>): Tree {
  return new Map(Object.entries({ 'package.json': JSON.stringify(manifest), ...files }))
}

/** The violations in one line each. */
export function told(violations: readonly { path: string; line: number; message: string }[]): string[] {
  return violations.map(({ path, line, message }) => `${path}:${line} ${message}`)
}
