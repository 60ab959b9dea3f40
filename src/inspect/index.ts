/** @module `offstage/inspect`: see every state, and how it came to be. */
export type { Bridge, BridgeCounts, BridgeOptions } from './bridges/bridge.ts'
export type { SanitiserOptions } from './bridges/cleaner.ts'
export type { BridgeAddress, BridgeListenOptions } from './bridges/sockets.ts'
export { createStatelyBridge } from './bridges/stately.ts'
export { createXStateInspectBridge } from './bridges/xstate-inspect.ts'
export { createInspector, type Inspector, type InspectorOptions, type Listening } from './inspector.ts'
export type { Action, ActionAnswer, Frame, Happening, Hello, Mark, Query, View } from './protocol.ts'
export type { ListenOptions, NodeHandler } from './server/listen.ts'
