/** Charts for tests of pictures: one with all that XState has, and one with names that nobody should print as they are. */
import { type AnyStateMachine, createMachine } from 'xstate'

/** Parallel regions, history, timers, invoked actors, and ways in and out across several borders. */
export const everything: AnyStateMachine = createMachine({
  id: 'everything',
  initial: 'idle',
  on: { reset: '.idle' },
  states: {
    idle: { on: { play: 'player.region.deep.inner', open: 'player.back' }, after: { 1000: 'busy' } },
    busy: { invoke: { src: 'load', onDone: 'idle', onError: 'broken' }, always: { guard: 'isReady', target: 'idle' } },
    player: {
      initial: 'region',
      states: {
        back: { type: 'history', history: 'deep' },
        region: {
          initial: 'flat',
          on: { again: { target: 'region', reenter: true } },
          states: {
            flat: { on: { dive: 'deep' } },
            deep: {
              initial: 'inner',
              states: {
                inner: { on: { fail: '#everything.broken', rise: '#everything.player.region.flat' } },
                other: {},
              },
            },
          },
        },
        both: {
          type: 'parallel',
          onDone: 'region',
          states: {
            left: { initial: 'up', states: { up: { on: { go: 'down' } }, down: { type: 'final' } } },
            right: { initial: 'on', states: { on: { on: { off: 'off' } }, off: { on: { stop: '#everything.end' } } } },
          },
        },
      },
      on: { split: '.both' },
    },
    broken: { on: { '*': 'end' } },
    end: { type: 'final' },
  },
} as never)

export const hostile: AnyStateMachine = createMachine({
  id: '</title><script>alert(1)</script>',
  initial: '<img src=x onerror=alert(1)>',
  states: {
    '<img src=x onerror=alert(1)>': { on: { ']]><x>&amp;"\'': 'a.b', [`${'x'.repeat(300)}`]: 'a\u0000\u001bb\ud800' } },
    'a.b': { initial: 'c', states: { c: {} } },
    a: { initial: 'b', states: { b: { initial: 'd', states: { d: {} } } } },
    'a\u0000\u001bb\ud800': {},
    ['long'.repeat(100)]: {},
    '': {},
    __proto__x: {},
  },
} as never)
