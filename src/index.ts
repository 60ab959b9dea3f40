/** @module `offstage`: background work for agent frameworks. */
export type { Inspect, RunnerActor, TaskActor } from './actors/live.ts'
export type { RunnerState } from './actors/supervisor.ts'
export { type Clock, SystemClock, type TimerHandle } from './clock.ts'
export type { Duration } from './duration.ts'
export {
  type ErrorCode,
  type Failure,
  type FailureCode,
  NonRetryableError,
  OffstageError,
  RetryAfterError,
  StoreError,
  TaskCancelledError,
  TaskFailedError,
  ValidationError,
  WaitTimeoutError,
} from './errors.ts'
export type { KeyLimit } from './machines/records.ts'
export type { Misfire, Overlap } from './machines/schedule-records.ts'
export type { ScheduleStatus } from './machines/schedule-state.ts'
export type { TaskState } from './machines/task.ts'
export type { Random } from './random.ts'
export type { Agent, AgentCall } from './runner/agent.ts'
export { type Config, defineConfig } from './runner/config.ts'
export type { Explanation } from './runner/explain.ts'
export type { TaskFeedEvent } from './runner/feed.ts'
export { type FindStoreOptions, findStore } from './runner/find-store.ts'
export { type FromTaskOptions, type FromTaskSnapshot, fromTask, type TaskLogic } from './runner/from-task.ts'
export type { OpenInput, TaskInfo } from './runner/info.ts'
export {
  BackgroundJobManager,
  type JobInfo,
  type JobManagerOptions,
  type JobOptions,
  JobStatus,
  type RunAnswer,
} from './runner/job-manager.ts'
export { findConfig, type LoadConfigOptions, type LoadedConfig, loadConfig } from './runner/load-config.ts'
export type { SettledOutcome } from './runner/outcome.ts'
export { defineRecipe } from './runner/recipe.ts'
export type { RetryOptions } from './runner/retry-options.ts'
export {
  BackgroundRunner,
  type BulkOptions,
  type ListOptions,
  type RunnerStats,
  type TaskPage,
} from './runner/runner.ts'
export type { Logger, RunnerOptions } from './runner/runner-options.ts'
export { Schedule, type ScheduleReason } from './runner/schedule.ts'
export { defineSchedule } from './runner/schedule-declare.ts'
export type {
  PreviewEntry,
  ScheduleChanges,
  ScheduledSubmit,
  ScheduleFilter,
  ScheduleFiring,
  ScheduleOptions,
  ScheduleOwner,
  SyncReport,
  TickReport,
} from './runner/schedule-types.ts'
export type { ScheduledRun } from './runner/scheduled-run.ts'
export { type PreviewOptions, Schedules } from './runner/schedules.ts'
export {
  type Background,
  getBackgroundRunner,
  type RunBackgroundOptions,
  recipe,
  withBackground,
} from './runner/shared.ts'
export type { StopReport } from './runner/stop.ts'
export type { ManyItem } from './runner/submitter.ts'
export { BackgroundTask, type EventsOptions, TaskStatus, type WaitOptions } from './runner/task.ts'
export type {
  AnyRecipe,
  CommonSubmitOptions,
  NeedResults,
  Needs,
  Progress,
  RateLimit,
  Recipe,
  RecipeDefinition,
  RecipeInput,
  RecipeResult,
  Schema,
  SchemaIssue,
  SchemaResult,
  SubmitFunction,
  SubmitOptions,
  SubmitRecipeOptions,
  TaskContext,
  TaskLog,
} from './runner/types.ts'
export { describeSchedule } from './schedule/describe.ts'
export { FileScheduleStore } from './schedule/file-schedule-store.ts'
export { type ParseScheduleOptions, parseSchedule } from './schedule/grammar.ts'
export type { ScheduleJob } from './schedule/job.ts'
export { ScheduleLoop } from './schedule/loop.ts'
export type { ScheduleLoopOptions } from './schedule/loop-options.ts'
export { nextSlot, previousSlot, slotsBetween } from './schedule/next.ts'
export type { ParsedSchedule } from './schedule/parsed.ts'
export { ScheduleRunner } from './schedule/schedule-runner.ts'
export type { ScheduleSource } from './schedule/source.ts'
export type { TaskTools } from './schedule/task-tools.ts'
export type { AgentTool } from './schedule/tool.ts'
export type { ToolSchema } from './schedule/tool-schemas.ts'
export { type ScheduleTools, type ScheduleToolsOptions, scheduleTools } from './schedule/tools.ts'
export type { BackupReport } from './store/file/backup.ts'
export type { FileStoreOptions } from './store/file/options.ts'
export type { FileReport, StoreReport } from './store/file/report.ts'
export { FileStore } from './store/file/store.ts'
export { storeFolder } from './store/file/where.ts'
export { MemoryStore } from './store/memory.ts'
export type {
  Awaitable,
  Claimed,
  ClaimRequest,
  Counts,
  ForgetAnswer,
  ForgetRequest,
  HistoryOptions,
  HistoryPlace,
  HistoryStep,
  ListPage,
  ListRequest,
  LogEntry,
  NewStreamEntry,
  OutputEntry,
  Store,
  StoreChange,
  StreamEntry,
  TaskQuery,
  WorkerInfo,
} from './store/store.ts'
