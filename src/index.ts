/** @module `offstage`: background work for agent frameworks. */
export { type Clock, SystemClock, type TimerHandle } from './clock.ts'
export type { Duration } from './duration.ts'
export {
  type ErrorCode, type Failure, type FailureCode, NonRetryableError, OffstageError, RetryAfterError, StoreError,
  TaskCancelledError, TaskFailedError, ValidationError, WaitTimeoutError,
} from './errors.ts'
export type { Random } from './random.ts'
export { defineRecipe } from './runner/recipe.ts'
export { BackgroundRunner } from './runner/runner.ts'
export { BackgroundTask, TaskStatus } from './runner/task.ts'
export { MemoryStore } from './store/memory.ts'
export type { Store } from './store/store.ts'
