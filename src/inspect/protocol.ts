/**
 * @module What the inspector's server and its page say to each other: plain JSON, one versioned tagged union. The page asks
 * for a view of a moment (`Query`), the server answers with frames; live is the newest moment, time travel an older one.
 */
import type { ForgetRecord, StoreRecord, TaskEvent } from '../machines/records.ts'
import type { TaskContext, TaskState, TaskStatus } from '../machines/task.ts'

/** Raised when an older page could not read what a newer server says. */
export const protocolVersion = 1
/** How many frames a page gets in a second, at most. */
export const framesPerSecond = 8

/** Where something stands in a recording: a count from 1, which never goes back. 0 is before everything. */
export type Position = number

interface Placed {
  readonly n: Position
  /** What its writer said, in epoch ms: clocks may step back. */
  readonly at: number
}

/** A record moved a task, or a derived event did. */
export interface TaskHappening extends Placed {
  readonly kind: 'task'
  readonly task: string
  /** What the chart heard; values that are too large are cut. */
  readonly event: TaskEvent | ForgetRecord
  readonly from: TaskState
  /** `undefined`: it was forgotten. */
  readonly to: TaskState | undefined
  /** The task's version after it. */
  readonly version: number
}
/** A schedule was added, moved, or used up a slot. */
export interface ScheduleHappening extends Placed {
  readonly kind: 'schedule'
  readonly schedule: string
  readonly name: string
  /** The type of the record. */
  readonly event: string
  readonly from: string | undefined
  readonly to: string
  readonly slot?: number
  /** The task that it made. */
  readonly task?: string
}
/** A record that stands in the journal and did not count. */
export interface VoidHappening extends Placed {
  readonly kind: 'void'
  readonly record: StoreRecord
  readonly reason: string
}
/** Lines of the journal that could not be read. */
export interface DamageHappening extends Placed {
  readonly kind: 'damage'
  readonly where: string
  readonly lines: number
}
/** A worker was declared dead. */
export interface WorkerHappening extends Placed {
  readonly kind: 'worker'
  readonly worker: string
  readonly event: 'expire'
}
/** Something that an actor of XState did that is not ours. */
export interface ActorHappening extends Placed {
  readonly kind: 'actor'
  readonly session: string
  readonly what: 'actor' | 'event' | 'snapshot' | 'stopped'
  /** The event, its type alone where the rest is too large. */
  readonly event?: unknown
  readonly source?: string
  readonly value?: unknown
  readonly status?: string
}
/** What happened, in one form whether it was heard live or read from a journal. */
export type Happening =
  | TaskHappening
  | ScheduleHappening
  | VoidHappening
  | DamageHappening
  | WorkerHappening
  | ActorHappening

/** Which view, of which moment, of what. In a URL, every member is a parameter of the same name. */
export interface Query {
  readonly view: ViewName
  /** The moment; live without it. */
  readonly at?: Position
  /** The chosen task. */
  readonly task?: string
  /** The chosen actor. */
  readonly actor?: string
  readonly status?: TaskStatus
  readonly recipe?: string
  /** Part of an id, a name, a recipe or a tag. */
  readonly search?: string
  /** The first row, and how many. */
  readonly from?: number
  readonly size?: number
  /** Of the timeline and the sequence, in epoch ms. */
  readonly since?: number
  readonly until?: number
}

/** How much is known of what was. */
export interface Reach {
  /** `attached`: since somebody looked; `journal`: as far as the files go back. */
  readonly source: 'attached' | 'journal'
  /** The oldest moment that can be shown, and the newest. */
  readonly first: Position
  readonly last: Position
  /** When that was, in epoch ms; undefined while nothing has happened. */
  readonly since: number | undefined
  /** Whether nothing was before it. */
  readonly complete: boolean
  /** From 0 to 1 while the files are being read. */
  readonly loading?: number
  /** Lines of the journal that could not be read, and happenings that came too fast to be kept. */
  readonly damaged: number
  readonly missed: number
}

/** Sums over all tasks at the moment that is shown. */
export interface Tally {
  /** Tasks by the dotted name of their state. */
  readonly states: Readonly<Record<string, number>>
  /** How often a task went from a state by an event to a state: `'pending.queued start running.executing'`. */
  readonly edges: Readonly<Record<string, number>>
  /** Arrivals in each state in a second, over the last seconds before the moment. */
  readonly rates: Readonly<Record<string, number>>
  readonly tasks: number
  readonly running: number
  /** How many may run at once here; undefined where nobody works here. */
  readonly slots?: number
  /** Workers that hold a claim. */
  readonly workers: number
}

export interface TaskRow {
  readonly id: string
  readonly name: string
  readonly recipe?: string
  readonly state: TaskState
  readonly status: TaskStatus
  readonly attempt: number
  readonly progress?: number
  readonly message?: string
  readonly createdAt: number
  readonly startedAt?: number
  readonly endedAt?: number
  readonly dueAt?: number
  readonly worker?: string
  readonly error?: string
  readonly owner?: string
  readonly tags?: readonly string[]
}

export interface ChartView {
  readonly view: 'chart'
  /** Of charts other than the task's: how many are in which state, by the id of the chart. */
  readonly others: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** The chosen task, and the last step that it made. */
  readonly chosen?: TaskRow
  readonly last?: TaskHappening
}
export interface TasksView {
  readonly view: 'tasks'
  /** The place of the first row, and how many there are that fit the query. */
  readonly from: number
  readonly total: number
  /** Newest first. */
  readonly rows: readonly TaskRow[]
  /** What can be filtered by. */
  readonly recipes: readonly string[]
}
/** A line of a log or a piece of output. */
export interface TaskLine {
  readonly n: number
  readonly at: number
  readonly type: 'log' | 'output'
  readonly level?: string
  readonly text: string
  readonly data?: unknown
}
export interface TaskView {
  readonly view: 'task'
  readonly id: string
  /** What is shown of it at this moment; undefined where it was not there, or is not any more. */
  readonly row?: TaskRow
  /** False: happenings and lines go on behind what the page has got already. */
  readonly whole: boolean
  /** The snapshot before the first happening: the page folds from here with the task's chart. */
  readonly base?: { readonly state: TaskState; readonly context: TaskContext }
  readonly happenings: readonly TaskHappening[]
  readonly lines: readonly TaskLine[]
  /** How many older happenings are not kept. */
  readonly cut: number
  readonly input?: unknown
  readonly result?: unknown
  readonly error?: unknown
  readonly metadata?: unknown
  /** Why it is where it is, live only. */
  readonly explanation?: string
  readonly parent?: TaskRow
  readonly children: readonly TaskRow[]
  readonly needs: readonly TaskRow[]
  readonly schedule?: string
  /** Open waits for an input. */
  readonly asks: readonly { readonly ask: number; readonly prompt: string }[]
}
/** One attempt. */
export interface Bar {
  readonly task: string
  readonly name: string
  readonly run: number
  readonly worker: string
  /** The row it stands in: attempts of one row do not overlap. */
  readonly lane: number
  readonly since: number
  /** Undefined while it goes on. */
  readonly until?: number
  readonly outcome: 'running' | 'completed' | 'failed' | 'cancelled' | 'retried' | 'timeout' | 'released' | 'lost'
}
export interface TimelineView {
  readonly view: 'timeline'
  readonly since: number
  readonly until: number
  readonly bars: readonly Bar[]
  readonly lanes: number
  /** Attempts in the window that are not among the bars. */
  readonly cut: number
  /** How many ran at once: steps of [epoch ms, count], the first at `since`. */
  readonly running: readonly (readonly [number, number])[]
  /** All attempts that are known lie in between. */
  readonly extent: readonly [number, number] | undefined
}
export interface Lifeline {
  readonly id: string
  readonly kind: 'client' | 'runner' | 'scheduler' | 'worker' | 'task' | 'actor'
  readonly label: string
}
export interface SequenceMessage {
  readonly n: Position
  readonly at: number
  readonly from: string
  readonly to: string
  readonly label: string
  /** The state that the receiver is in then. */
  readonly state?: string
  readonly task?: string
}
export interface SequenceView {
  readonly view: 'sequence'
  readonly lifelines: readonly Lifeline[]
  /** The newest up to the moment, oldest first. */
  readonly messages: readonly SequenceMessage[]
  readonly cut: number
}
export interface ScheduleRow {
  readonly uid: string
  readonly name: string
  readonly owner?: string
  readonly status: string
  /** In words. */
  readonly when: string
  readonly makes: string
  readonly misfire: string
  readonly overlap: string
  readonly runs: number
  readonly maxRuns?: number
  readonly until?: number
  readonly lastSlot?: number
  /** The next slots after the moment that is shown, in epoch ms. */
  readonly next: readonly number[]
  /** Newest first. */
  readonly history: readonly {
    readonly at: number
    readonly slot?: number
    readonly task?: string
    readonly reason?: string
    readonly status?: string
  }[]
}
export interface SchedulesView {
  readonly view: 'schedules'
  readonly total: number
  readonly schedules: readonly ScheduleRow[]
}
export interface ActorRow {
  readonly session: string
  readonly id: string
  readonly parent?: string
  /** The chart to draw, if it is a machine. */
  readonly chart?: string
  readonly status: string
  readonly value?: unknown
  readonly events: number
  readonly last?: string
}
export interface ActorsView {
  readonly view: 'actors'
  readonly total: number
  readonly actors: readonly ActorRow[]
  /** Of the chosen one: its context, and what happened, oldest first. */
  readonly context?: unknown
  readonly happenings: readonly ActorHappening[]
}
export type View = ChartView | TasksView | TaskView | TimelineView | SequenceView | SchedulesView | ActorsView
export type ViewName = View['view']

/** The first message of a stream. */
export interface Hello {
  readonly type: 'hello'
  readonly protocol: number
  readonly version: string
  /** The name of the store. */
  readonly store: string
  /** Whether the page may act. */
  readonly actions: boolean
  /** The charts that can be drawn, besides those of actors. */
  readonly charts: readonly { readonly id: string; readonly title: string }[]
}
/** One moment of one view. */
export interface Frame {
  readonly type: 'frame'
  /** Of the recording: positions of another one mean nothing. */
  readonly epoch: string
  /** What a reader says when it comes back: it is told what it has not seen. */
  readonly cursor: string
  /** The moment that is shown, and its time: the running maximum of what writers said. */
  readonly n: Position
  readonly time: number
  readonly live: boolean
  readonly reach: Reach
  readonly tally: Tally
  readonly view: View
}
/** Nothing more will come. */
export interface Gone {
  readonly type: 'gone'
  readonly message: string
}
/** What a server says on the stream; the event's name is the `type`. */
export type Message = Hello | Frame | Gone

/** A slice of the recording, for the slider. */
export interface Mark {
  readonly n: Position
  readonly time: number
  /** What happened since the mark before. */
  readonly happened: number
  readonly failed: number
}

/** What a page may ask for when it is allowed to act. */
export type Action =
  | { readonly do: 'cancel'; readonly task: string; readonly reason?: string }
  | { readonly do: 'retry'; readonly task: string }
  | { readonly do: 'answer'; readonly task: string; readonly ask: number; readonly value: unknown }
  | { readonly do: 'pauseRunner' | 'resumeRunner' }
  | { readonly do: 'pauseSchedule' | 'resumeSchedule' | 'runSchedule'; readonly schedule: string }
export type ActionAnswer =
  | { readonly ok: true; readonly message: string; readonly task?: string }
  | { readonly ok: false; readonly code: string; readonly message: string }

/** A chart, laid out: all measures in px, y downwards, every point absolute. */
export interface LaidOutChart {
  readonly id: string
  readonly title: string
  readonly width: number
  readonly height: number
  /** Parents before their children. */
  readonly nodes: readonly LaidOutNode[]
  readonly edges: readonly LaidOutEdge[]
}
export interface LaidOutNode {
  /** The dotted path: `'running.executing'`. */
  readonly id: string
  readonly label: string
  readonly kind: 'atomic' | 'compound' | 'parallel' | 'final' | 'history' | 'start'
  readonly parent?: string
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly tags?: readonly string[]
}
export interface LaidOutEdge {
  readonly id: string
  /** Dotted paths; of a start, the path of its dot. */
  readonly from: string
  readonly to: string
  /** One line for each event that leads along it. */
  readonly labels: readonly { readonly event: string; readonly guard?: string }[]
  readonly points: readonly (readonly [number, number])[]
  /** Where the lines stand: the upper left corner. */
  readonly label?: { readonly x: number; readonly y: number; readonly width: number; readonly height: number }
}
