/** @module What every view of the page is given. */
import type { Action, ActionAnswer, Frame, Hello, Query, View } from '../protocol.ts'

export interface ViewProps<V extends View> {
  readonly view: V
  readonly frame: Frame
  readonly hello: Hello
  readonly query: Query
  /** Changes the query: members that are undefined are taken away. Changing the view keeps the moment and the task. */
  go(change: { readonly [Member in keyof Query]?: Query[Member] | undefined }): void
  /** Undefined while the page may not act, or shows the past. */
  readonly act: ((action: Action) => Promise<ActionAnswer>) | undefined
}
