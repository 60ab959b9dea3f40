/** @module `offstage/inspect`: see every state, and how it came to be. */
export type { Happening, Query, View } from './protocol.ts'
