/** @module `offstage/web`: tasks for whoever speaks the web's Request and Response. */
export { type EventStreamOptions, eventStreamResponse } from './event-stream.ts'
