/** @module Every generated text of the project. `npm run generate` writes them, `npm run laws` finds the stale ones. */
import { apiText, publicNames } from './exports.ts'
import type { Registry } from './stale.ts'

/** Add a generator here; import what it draws from `../src`. */
export const generated: Registry = {
  parts: {},
  files: { [apiText]: publicNames },
}
