/** @module One task: what happened to it up to a moment, what it wrote, and who belongs to it. */
import type { StreamEntry } from '../../index.ts'
import { type TaskSnapshot, taskChart } from '../../machines/store-state.ts'
import type { TaskState } from '../../machines/task.ts'
import type { Happening, Position, Query, TaskHappening, TaskLine, TaskView } from '../protocol.ts'
import { happeningOf } from '../recording/happening.ts'
import type { Recorded, Track } from '../recording/recorded.ts'
import { firstAbove } from '../recording/search.ts'
import type { ViewHost } from './host.ts'
import { shown, shownValue } from './plain.ts'
import { rowAt, rowOf } from './row.ts'

const mostHappenings = 2_000
const mostLines = 1_000
const longestLine = 4_096
const mostRelatives = 100

export async function taskView({ task: id = '' }: Query, n: Position, host: ViewHost): Promise<TaskView> {
  const { recorded, live, sent, redact } = host
  const track = recorded.track(id)
  const snapshot = track && recorded.snapshotAt(track, n)
  if (track === undefined) return { ...nothing, id }
  const story = storyOf(track, n, recorded, sent?.happening, redact)
  const lines = await linesOf(track, n, host)
  if (snapshot === undefined) return { ...nothing, id, ...story, lines }
  const { spec } = track.task
  const explanation = live && snapshot.leaf.status === 'active' ? await host.explain(id) : undefined
  const parent = spec.parent && rowAt(spec.parent.task, n, host)
  const asks = snapshot.context.waits.flatMap(({ ask, wait }) =>
    wait.kind === 'input' ? [{ ask, prompt: shown(wait.prompt ?? 'An input', redact, longestLine) }] : [],
  )
  return {
    view: 'task',
    id,
    row: rowOf(track, snapshot, host),
    ...story,
    lines,
    ...valuesOf(track, snapshot, host),
    ...(explanation !== undefined && { explanation: redact(explanation) }),
    ...(parent !== undefined && { parent }),
    children: childrenOf(track, recorded).flatMap((child) => rowAt(child, n, host) ?? []),
    needs: (spec.needs ?? []).slice(0, mostRelatives).flatMap((need) => rowAt(need, n, host) ?? []),
    ...(spec.schedule?.name !== undefined && { schedule: shown(spec.schedule.name, redact) }),
    asks,
  }
}

const nothing = {
  view: 'task',
  whole: true,
  happenings: [],
  lines: [],
  cut: 0,
  children: [],
  needs: [],
  asks: [],
} as const

/** What happened, from a base on; or what the viewer has not got yet. */
function storyOf(
  track: Track,
  n: Position,
  recorded: Recorded,
  after: Position | undefined,
  redact: ViewHost['redact'],
): Pick<TaskView, 'whole' | 'base' | 'happenings' | 'cut'> {
  const all = track.positions.slice(0, firstAbove(track.positions, n))
  const told = (positions: readonly Position[]): TaskHappening[] =>
    positions.flatMap((place) => {
      const entry = recorded.entry(place)
      const happening: Happening | undefined = entry && happeningOf(entry)
      return happening?.kind === 'task' ? [redacted(happening, redact)] : []
    })
  if (after !== undefined) {
    const more = all.slice(firstAbove(all, after))
    // one who was away for too long begins anew
    if (more.length <= mostHappenings) return { whole: false, happenings: told(more), cut: 0 }
  }
  const kept = all.slice(-mostHappenings)
  const first = recorded.entry(kept[0] ?? 0)
  const before = first?.kind === 'task' ? first.change.before : recorded.snapshotAt(track, n)
  const base = before === undefined ? undefined : baseOf(before, redact)
  return { whole: true, ...(base !== undefined && { base }), happenings: told(kept), cut: all.length - kept.length }
}

function baseOf(snapshot: TaskSnapshot, redact: ViewHost['redact']): TaskView['base'] {
  const state = (snapshot === taskChart.initial ? 'new' : snapshot.leaf.name) as TaskState
  return { state, context: shownValue(snapshot.context, redact) as TaskSnapshot['context'] }
}

/** Secrets stand in events as well: in inputs, results, errors and reasons. */
function redacted(happening: TaskHappening, redact: ViewHost['redact']): TaskHappening {
  return { ...happening, event: shownValue(happening.event, redact) as TaskHappening['event'] }
}

async function linesOf({ task }: Track, n: Position, host: ViewHost): Promise<TaskLine[]> {
  const { recorded, live, sent, redact } = host
  const entries = await host.lines(task.id, live ? (sent?.line ?? 0) : 0)
  const track = recorded.track(task.id)
  const version = track === undefined ? 0 : (recorded.snapshotAt(track, n)?.context.version ?? Number.POSITIVE_INFINITY)
  const then = live ? entries : entries.filter((entry) => entry.version <= version)
  return then.slice(-mostLines).map((entry) => lineOf(entry, redact))
}

function lineOf(entry: StreamEntry, redact: ViewHost['redact']): TaskLine {
  const { n, at } = entry
  if (entry.type === 'output') return { n, at, type: 'output', text: shown(entry.chunk, redact, longestLine) }
  const data = shownValue(entry.data, redact)
  const line = { n, at, type: 'log', level: entry.level, text: shown(entry.message, redact, longestLine) } as const
  return data === undefined ? line : { ...line, data }
}

function valuesOf({ task: { spec } }: Track, { context }: TaskSnapshot, { redact }: ViewHost) {
  const { outcome, lastError } = context
  const input = spec.inputBlob === undefined ? spec.input : largeNote(spec.inputBlob.bytes)
  const result =
    outcome?.status !== 'completed'
      ? undefined
      : outcome.blob === undefined
        ? outcome.result
        : largeNote(outcome.blob.bytes)
  const error = outcome?.status === 'failed' ? outcome.error : outcome === undefined ? lastError : undefined
  const values = { input, result, error, metadata: spec.metadata }
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => {
      const plain = shownValue(value, redact)
      return plain === undefined ? [] : [[name, plain]]
    }),
  ) as Pick<TaskView, 'input' | 'result' | 'error' | 'metadata'>
}

const largeNote = (bytes: number): string =>
  `not shown: it stands in a file of its own, of ${bytes.toLocaleString('en')} bytes`

/** The children among the tasks that were submitted behind it. */
function childrenOf({ task }: Track, recorded: Recorded): string[] {
  const children: string[] = []
  for (const { task: each } of recorded.tracks()) {
    // the newest first: what was there before cannot be a child
    if (each.seq <= task.seq || children.length === mostRelatives) break
    if (each.spec.parent?.task === task.id) children.push(each.id)
  }
  return children.reverse()
}
