/** @module Streams of events, recorded. */
import type { TaskFeedEvent } from '../../src/runner/feed.ts'
import type { BackgroundTask } from '../../src/runner/task.ts'
import type { TaskContext } from '../../src/runner/types.ts'
import { testRunner } from '../../src/testing/runner.ts'

/** All that a stream yields. */
export async function record(stream: AsyncIterable<TaskFeedEvent>): Promise<TaskFeedEvent[]> {
  const events: TaskFeedEvent[] = []
  for await (const event of stream) events.push(event)
  return events
}

/** Submits while nothing starts, so that the stream misses nothing. */
export async function recorded(
  fn: (ctx: TaskContext) => unknown,
  options: object = {},
): Promise<{ task: BackgroundTask; events: TaskFeedEvent[] }> {
  const { runner, clock } = testRunner()
  runner.pause()
  const task = runner.submit(fn, options)
  const events = record(task.events())
  await clock.advance(0)
  runner.resume()
  return { task, events: await clock.until(events) }
}

/** What an event tells, without where and when. */
export function brief(event: TaskFeedEvent): unknown[] {
  switch (event.type) {
    case 'snapshot':
      return ['snapshot', event.task.state]
    case 'state':
      return [event.event, event.state]
    case 'progress':
      return ['progress', event.fraction, event.message]
    case 'log':
      return [event.level, event.message, event.data]
    case 'output':
      return ['output', event.chunk]
  }
}
