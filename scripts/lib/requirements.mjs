/**
 * @module What some tests need besides Node: a server, a browser. A test file whose need is not met is left out, loudly.
 *
 * Add one as `{ name, tests: 'test/FOLDER/**', found: async () => boolean, how: 'what to install or to start' }`.
 */
export const requirements = []
