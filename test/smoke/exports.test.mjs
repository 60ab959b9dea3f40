/** @module The packed package gives exactly its documented names, by import and by require. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { test } from 'node:test'

const require = createRequire(import.meta.url)
const documented = new Map()
for (const part of readFileSync(new URL('./api.txt', import.meta.url), 'utf8').split(/\n(?=\S)/)) {
  const [entry, ...names] = part.trimEnd().split('\n')
  documented.set(
    entry,
    names.map((name) => name.trim()).filter((name) => name !== '' && !name.startsWith('type ')),
  )
}

test('package.json exports the documented entries', () => {
  const { name, exports } = require('offstage/package.json')
  const entries = Object.keys(exports).filter((key) => key !== './package.json')
  assert.deepEqual(
    entries.map((key) => name + key.slice(1)),
    [...documented.keys()],
  )
})

for (const [entry, names] of documented) {
  test(`${entry} gives its documented names to import and to require`, async () => {
    const imported = await import(entry)
    const required = require(entry)
    assert.ok(names.length > 0)
    assert.deepEqual(Object.keys(imported).sort(), names)
    for (const name of names) assert.equal(required[name], imported[name])
  })
}
