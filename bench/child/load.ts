/** @module Prints how long two imports take in a fresh process, the second beyond the first, as JSON in ms. */
const began = performance.now()
await import('xstate')
const xstate = performance.now()
await import('offstage')
const offstage = performance.now()
console.log(JSON.stringify({ xstate: xstate - began, offstage: offstage - xstate }))
