/** @module Our own charts, whose pictures are made with the library: nobody has to wait for them. */
import { readFile } from 'node:fs/promises'
import type { AnyStateMachine } from 'xstate'
import { chartGraph } from '../../machines/chart-graph.ts'
import { runnerMachine } from '../../machines/runner.ts'
import { scheduleMachine } from '../../machines/schedule.ts'
import { schedulerMachine } from '../../machines/scheduler.ts'
import { taskMachine } from '../../machines/task.ts'
import { workerMachine } from '../../machines/worker.ts'
import { beside } from '../beside.ts'
import type { Hello, LaidOutChart } from '../protocol.ts'

/** The task's first. */
export const ownMachines: readonly AnyStateMachine[] = [
  taskMachine,
  runnerMachine,
  scheduleMachine,
  schedulerMachine,
  workerMachine,
]

/** Their names. */
export const ownCharts: Hello['charts'] = ownMachines.map(({ id }) => ({
  id,
  title: `${id.charAt(0).toUpperCase()}${id.slice(1)}`,
}))

/** The pictures of our charts, by their ids, as the build keeps them. */
export async function ownPictures(): Promise<Readonly<Record<string, LaidOutChart>>> {
  const { layoutChart } = await import('../chart/layout.ts')
  const made = ownMachines.map(async (machine) => [machine.id, await layoutChart(chartGraph(machine))] as const)
  return Object.fromEntries(await Promise.all(made))
}

/** What the build has kept; nothing where the library runs from its sources. */
export async function keptPictures(): Promise<ReadonlyMap<string, LaidOutChart>> {
  const file = beside('charts.json')
  if (file === undefined) return new Map()
  return new Map(Object.entries(JSON.parse(await readFile(file, 'utf8')) as Record<string, LaidOutChart>))
}
