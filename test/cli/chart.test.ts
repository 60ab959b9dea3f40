import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type ChartGraph, chartGraph } from '../../src/machines/chart-graph.ts'
import { toMermaid } from '../../src/machines/diagram.ts'
import { toDot } from '../../src/machines/dot.ts'
import { runnerMachine } from '../../src/machines/runner.ts'
import { taskMachine } from '../../src/machines/task.ts'
import { offstage, project, withCli } from './kit.ts'

withCli()

describe('offstage chart', () => {
  it('prints the chart of a task for Markdown, with nothing around it', async () => {
    const { code, stdout, stderr } = await offstage(['chart'], { cwd: project() })
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: toMermaid(taskMachine), stderr: '' })
  })

  it('draws another one for Graphviz', async () => {
    const { code, stdout } = await offstage(['chart', 'runner', '--format', 'dot'], { cwd: project() })
    expect({ code, stdout }).toEqual({ code: 0, stdout: toDot(runnerMachine) })
  })

  it.each(['task', 'runner', 'schedule', 'scheduler', 'worker'])(
    'writes the picture of the %s into a file',
    async (name) => {
      const cwd = project()
      const { code, stdout, stderr } = await offstage(['chart', name, '--format', 'svg', '-o', 'a.svg'], { cwd })
      expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: 'wrote a.svg\n' })
      expect(readFileSync(join(cwd, 'a.svg'), 'utf8')).toMatch(
        /^<svg [^\n]*\n<title id="title">The states of a \w+<\/title>\n.*<\/svg>\n$/s,
      )
    },
  )

  it('tells the states and the ways as JSON', async () => {
    const { stdout } = await offstage(['chart', 'worker', '--json'], { cwd: project() })
    const graph = JSON.parse(stdout) as ChartGraph
    expect(graph.nodes.map(({ id }) => id)).toContain('alive.draining')
    const task = await offstage(['chart', '--json', '--format', 'svg'], { cwd: project() })
    expect(JSON.parse(task.stdout)).toEqual(JSON.parse(JSON.stringify(chartGraph(taskMachine))))
  })

  it.each([
    [['chart', 'tasks'], 'Allowed choices are task, runner, schedule, scheduler, worker'],
    [['chart', '__proto__'], 'Allowed choices are task'],
    [['chart', '--format', 'png'], '--format must be of mermaid, dot, svg, got "png"'],
    [['chart', 'task', 'runner'], 'too many arguments'],
  ])('%j is wrong usage', async (args, message) => {
    const { code, stdout, stderr } = await offstage(args, { cwd: project() })
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(message)
  })

  it('fails where it cannot write', async () => {
    const { code, stderr } = await offstage(['chart', '-o', 'no/such/folder.mmd'], { cwd: project() })
    expect([code, stderr]).toEqual([1, expect.stringContaining('ENOENT')])
  })
})
