/** @module `offstage/machines`: the charts, and what compiles and draws them. */
export { type Chart, type ChartLogic, compile } from './compile.ts'
export { ChartSnapshot } from './snapshot.ts'
export { type TaskContext, taskMachine } from './task.ts'
