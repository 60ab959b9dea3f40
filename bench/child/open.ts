/** @module Prints how long a store takes to open, in ms, and how many tasks it has. Argument: the folder. */
import { openStore } from '../lib/open-store.ts'

const [dir = ''] = process.argv.slice(2)
const began = performance.now()
const store = openStore(dir)
await store.list({ limit: 1 })
const took = performance.now() - began
console.log(JSON.stringify({ took, tasks: Array.from(store.known()).length }))
await store.close()
