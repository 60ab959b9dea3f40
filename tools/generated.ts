/** @module Every generated text of the project. `npm run generate` writes them, `npm run laws` finds the stale ones. */
import type { AnyStateMachine } from 'xstate'
import { layoutChart } from '../src/inspect/chart/layout.ts'
import { chartSvg } from '../src/inspect/chart/svg.ts'
import { chartGraph } from '../src/machines/chart-graph.ts'
import { toMermaid } from '../src/machines/diagram.ts'
import { runnerMachine } from '../src/machines/runner.ts'
import { scheduleMachine } from '../src/machines/schedule.ts'
import { schedulerMachine } from '../src/machines/scheduler.ts'
import { taskMachine } from '../src/machines/task.ts'
import { workerMachine } from '../src/machines/worker.ts'
import { cliReference } from './cli-docs.ts'
import { apiText, publicNames } from './exports.ts'
import { lifecycleTable } from './lifecycle.ts'
import type { Registry } from './stale.ts'

const diagram = (text: string): string => `\`\`\`mermaid\n${text.trimEnd()}\n\`\`\``

const picture = async (machine: AnyStateMachine): Promise<string> =>
  chartSvg(await layoutChart(chartGraph(machine), { title: `The states of a ${machine.id}` }))

/** Add a generator here; import what it draws from `../src`. */
export const generated: Registry = {
  parts: {
    task: () => diagram(toMermaid(taskMachine, { guards: false })),
    'task-guards': () => diagram(toMermaid(taskMachine)),
    runner: () => diagram(toMermaid(runnerMachine, { direction: 'LR' })),
    worker: () => diagram(toMermaid(workerMachine, { direction: 'LR' })),
    schedule: () => diagram(toMermaid(scheduleMachine)),
    scheduler: () => diagram(toMermaid(schedulerMachine, { direction: 'LR' })),
    lifecycle: lifecycleTable,
  },
  files: { [apiText]: publicNames, 'docs/cli.md': cliReference, 'docs/task.svg': () => picture(taskMachine) },
}
