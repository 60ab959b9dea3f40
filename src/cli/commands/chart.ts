/** @module `offstage chart`: the charts as pictures. */
import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { AnyStateMachine } from 'xstate'
import { show } from '../../errors.ts'
import { keptPictures, ownMachines } from '../../inspect/server/own-charts.ts'
import { chartGraph } from '../../machines/chart-graph.ts'
import { toMermaid } from '../../machines/diagram.ts'
import { toDot } from '../../machines/dot.ts'
import { type Call, textOption } from '../command.ts'
import { Exit, usageError } from '../exit.ts'
import { safeJson } from '../safe.ts'
import { styled } from '../text.ts'

type Draw = (machine: AnyStateMachine) => string | Promise<string>

const formats = new Map<string, Draw>([
  ['mermaid', toMermaid],
  ['dot', toDot],
  ['svg', toSvg],
])

export async function chart(call: Call): Promise<Exit> {
  const { args, out, cwd } = call
  const { 0: name = 'task' } = args
  const machine = ownMachines.find(({ id }) => id === name)
  if (machine === undefined)
    throw usageError(`there is no chart ${show(name)}; there are ${ownMachines.map(({ id }) => id).join(', ')}`)
  const format = textOption(call, 'format') ?? 'mermaid'
  const draw = formats.get(format)
  if (draw === undefined) throw usageError(`--format must be of ${[...formats.keys()].join(', ')}, got ${show(format)}`)
  const text = out.json ? `${safeJson(chartGraph(machine))}\n` : await draw(machine)
  const file = textOption(call, 'output')
  if (file === undefined) out.text(text, '')
  else {
    await writeFile(resolve(cwd, file), text)
    out.note(styled('green', 'wrote'), ` ${file}`)
  }
  return Exit.DONE
}

async function toSvg(machine: AnyStateMachine): Promise<string> {
  const { layoutChart } = await import('../../inspect/chart/layout.ts')
  const { chartSvg } = await import('../../inspect/chart/svg.ts')
  const kept = (await keptPictures()).get(machine.id)
  return chartSvg({
    ...(kept ?? (await layoutChart(chartGraph(machine)))),
    title: `The states of a ${machine.id}`,
  })
}
