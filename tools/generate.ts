/** @module Rewrites the generated texts. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { generated } from './generated.ts'
import { generate } from './stale.ts'
import { readTree } from './tree.ts'

const tree = readTree('.')
for (const [path, text] of await generate(tree, generated)) {
  if (tree.get(path) === text) continue
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  console.log(`wrote ${path}`)
}
