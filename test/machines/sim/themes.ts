/** @module What a world is mostly about, so that rare things happen often somewhere. */

type Act =
  | 'submit'
  | 'start'
  | 'work'
  | 'cancel'
  | 'deadline'
  | 'observe'
  | 'forget'
  | 'crash'
  | 'time'
  | 'arrive'
  | 'again'
type Does = 'progress' | 'ask' | 'child' | 'complete' | 'fail' | 'release' | 'timeout' | 'shutdown'

export interface Theme {
  /** How often each thing happens. */
  readonly acts: Readonly<Record<Act, number>>
  /** What an executing handler does. */
  readonly does: Readonly<Record<Does, number>>
  /** One submit in so many has needs, has keys. */
  readonly needs: number
  readonly keys: number
  /** The keys and limits to choose from. */
  readonly names: readonly string[]
  readonly limits: readonly number[]
}

const mixed: Theme = {
  acts: {
    submit: 14,
    start: 20,
    work: 40,
    cancel: 4,
    deadline: 3,
    observe: 2,
    forget: 2,
    crash: 1,
    time: 4,
    arrive: 4,
    again: 6,
  },
  does: { progress: 2, ask: 7, child: 2, complete: 3, fail: 2, release: 1, timeout: 2, shutdown: 1 },
  needs: 3,
  keys: 2,
  names: ['k1', 'k1', 'k2'],
  limits: [1, 2, 2, 3],
}

/** Parents and children under one key that wait for each other. */
const families: Theme = {
  ...mixed,
  acts: { ...mixed.acts, submit: 8, start: 30, cancel: 1, deadline: 0, observe: 1, crash: 0, again: 2 },
  does: { progress: 0, ask: 14, child: 5, complete: 4, fail: 1, release: 1, timeout: 0, shutdown: 0 },
  needs: 20,
  keys: 1,
  names: ['k1'],
  limits: [2, 2, 2, 1, 3],
}

/** Work that does not stop, and workers that are taken for dead. */
const deaths: Theme = {
  ...mixed,
  acts: { ...mixed.acts, submit: 12, work: 34, cancel: 8, observe: 6, crash: 4 },
  does: { ...mixed.does, ask: 3, timeout: 6, shutdown: 3 },
}

/** Tasks that need tasks, which are forgotten as soon as may be. */
const needs: Theme = {
  ...mixed,
  acts: { ...mixed.acts, submit: 22, work: 34, forget: 6 },
  does: { ...mixed.does, ask: 5, complete: 6 },
  needs: 1,
}

const themes = [mixed, families, deaths, needs] as const

export const themeOf = (seed: number): Theme => themes[seed % themes.length] ?? mixed
