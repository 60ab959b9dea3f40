/** @module The program of the thread that lays charts out: a dense one takes seconds. */
import { parentPort } from 'node:worker_threads'
import { layoutChart } from './layout.ts'
import type { LayoutAnswer, LayoutQuestion } from './layouts.ts'

parentPort?.on('message', async ({ key, graph }: LayoutQuestion) => {
  let answer: LayoutAnswer
  try {
    answer = { key, chart: await layoutChart(graph) }
  } catch (error) {
    answer = { key, failure: String(error) }
  }
  parentPort?.postMessage(answer)
})
