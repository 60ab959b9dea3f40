/** @module Checks all laws, or those named as arguments, and says where they are broken. */
import { resolve } from 'node:path'
import { blocksOf, checkBlocks, checkFences } from './docs.ts'
import { checkExports } from './exports.ts'
import { checkFold, readGolden } from './fold.ts'
import { checkForbidden } from './forbidden.ts'
import { generated } from './generated.ts'
import { checkImports } from './imports.ts'
import { checkSizes } from './size.ts'
import { checkStale } from './stale.ts'
import { readTree, type Tree, type Violation } from './tree.ts'

const laws: Readonly<Record<string, (tree: Tree) => Violation[] | Promise<Violation[]>>> = {
  imports: checkImports,
  forbidden: checkForbidden,
  exports: checkExports,
  fold: () => checkFold(readGolden('.')),
  stale: (tree) => checkStale(tree, generated),
  docs: async (tree) => [
    ...checkFences(tree),
    ...(await checkBlocks(blocksOf(tree), resolve('.'), resolve('.build/docs'))),
  ],
}

const tree = readTree('.')
const chosen = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(laws)
for (const name of chosen) {
  const law = laws[name]
  if (!law) throw new Error(`no law is named ${name}; there are ${Object.keys(laws).join(', ')}`)
  const began = performance.now()
  const found = await law(tree)
  console.log(`${found.length === 0 ? 'kept  ' : 'BROKEN'} ${name} (${Math.round(performance.now() - began)} ms)`)
  for (const one of found) console.log(`  ${one.path}:${one.line} ${one.message}`)
  if (found.length > 0) process.exitCode = 1
}
for (const one of checkSizes(tree)) console.log(`look twice: ${one.path}:${one.line} ${one.message}`)
