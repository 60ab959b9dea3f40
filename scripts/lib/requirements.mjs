/**
 * @module What some tests need besides Node: a server, a browser. A test file whose need is not met is left out, loudly.
 *
 * Add one as `{ name, tests: 'test/FOLDER/**', found: async () => boolean, how: 'what to install or to start' }`.
 */
import { ensureChromium } from './chromium.mjs'

export const requirements = [
  {
    name: 'Chromium',
    tests: 'test/browser/**',
    found: ensureChromium,
    how: 'install the package chromium, or say where one is in CHROME_PATH',
  },
]
