/** @module Rewrites the generated texts. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { freshResults, readGolden } from './fold.ts'
import { generated } from './generated.ts'
import { generate } from './stale.ts'
import { readTree } from './tree.ts'

const tree = readTree('.')
const golden = readGolden('.')
for (const [path, text] of [...freshResults(golden), ...(await generate(tree, generated))]) {
  if ((tree.get(path) ?? golden.get(path)) === text) continue
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  console.log(`wrote ${path}`)
}
