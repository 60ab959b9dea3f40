/** @module `offstage/machines`: the charts, and what compiles and draws them. */

export { type ChartEdge, type ChartGraph, type ChartLabel, type ChartNode, chartGraph } from './chart-graph.ts'
export { type Chart, type ChartLogic, compile } from './compile.ts'
export { type MermaidOptions, toMermaid } from './diagram.ts'
export { toDot } from './dot.ts'
export type { VoidReason } from './fold-store.ts'
export type { StoreRecord, SubmitRecord, TaskEvent, TaskLimits, TaskRecord } from './records.ts'
export { Replay, type ReplayedTask } from './replay.ts'
export { type RunnerContext, type RunnerEvent, runnerMachine } from './runner.ts'
export { type ScheduleContext, type ScheduleEvent, scheduleMachine } from './schedule.ts'
export type {
  Firing,
  ScheduleAddRecord,
  ScheduleDefinition,
  ScheduleRecord,
  ScheduleTarget,
} from './schedule-records.ts'
export { type SchedulerContext, type SchedulerEvent, schedulerMachine } from './scheduler.ts'
export { ChartSnapshot } from './snapshot.ts'
export { type Outcome, type TaskContext, type TaskState, taskMachine } from './task.ts'
export { type WorkerContext, type WorkerEvent, workerMachine } from './worker.ts'
