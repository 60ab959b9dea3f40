/** @module One task: its life folded step by step, and everything that is known of it. */
import { useMemo, useRef, useState } from 'preact/hooks'
import type { TaskView } from '../../protocol.ts'
import { type Step, TaskFold } from '../fold-task.ts'
import type { ViewProps } from '../view-props.ts'
import { statusOfState } from './parts/badge.tsx'
import { afterOf, countOf, cutText } from './parts/format.ts'
import { JsonPanel } from './parts/json-tree.tsx'
import { KeptLines } from './parts/kept-lines.ts'
import { LogView } from './parts/log-view.tsx'
import { PathStrip } from './parts/path-strip.tsx'
import { StepDetail, StepList } from './parts/step-list.tsx'
import { AskForm } from './parts/task-acts.tsx'
import { TaskHead } from './parts/task-head.tsx'
import { Attempts, Relations } from './parts/task-tables.tsx'

type Props = ViewProps<TaskView>

/** The chosen task at the chosen moment. */
export function TaskPane(props: Props) {
  const { view, frame } = props
  const fold = useRef(new TaskFold())
  const kept = useRef(new KeptLines())
  // both take a view once, however often it is drawn
  fold.current.take(view, frame.epoch)
  kept.current.take(view, frame.epoch)
  const steps = fold.current.stepsUpTo(frame.n)
  if (view.row === undefined && steps.length === 0) return <NoTask {...props} />
  return <TaskLife key={view.id} {...props} steps={steps} cut={fold.current.cut} lines={kept.current} />
}

function NoTask({ view, frame, go }: Props) {
  return (
    <div class="task-pane">
      <div class="empty">
        <h2>{view.id === '' ? 'No task is chosen' : 'There is no such task here'}</h2>
        {view.id === '' ? (
          <p>
            Choose one in the list of tasks, on the timeline or in the sequence; or open it straight away with{' '}
            <code>offstage inspect --open</code> and its id in the search.
          </p>
        ) : (
          <p>
            <code>{cutText(view.id, 80)}</code>{' '}
            {frame.live ? 'was never submitted to this store, or was cleared away.' : 'does not exist at this moment.'}
          </p>
        )}
        <button type="button" class="button" onClick={() => go({ view: 'tasks', task: undefined })}>
          Show all tasks
        </button>
      </div>
    </div>
  )
}

interface LifeProps extends Props {
  readonly steps: readonly Step[]
  readonly cut: number
  readonly lines: KeptLines
}

function TaskLife({ view, frame, act, go, steps, cut, lines }: LifeProps) {
  const [picked, pick] = useState<number>()
  const last = steps.length - 1
  const offset = steps[0]?.place ?? 0
  // places go on when old steps are dropped: what was picked stays picked
  const chosen = picked === undefined ? last : Math.max(0, Math.min(last, picked - offset))
  const choose = (place: number) => pick(place >= last ? undefined : place + offset)
  const step = steps[chosen]
  const now = step?.after ?? step?.before
  const progress = picked === undefined ? view.row?.progress : now?.context.progress?.fraction
  const message = picked === undefined ? view.row?.message : now?.context.progress?.message
  const limits = steps.at(-1)?.before.context.version === 0 ? now?.context.limits : steps.at(-1)?.before.context.limits
  return (
    <div class="task-pane">
      {view.row !== undefined && (
        <TaskHead
          row={view.row}
          maxAttempts={limits?.maxAttempts}
          frame={frame}
          explanation={view.explanation}
          act={act}
          go={go}
        />
      )}
      {view.asks.map(({ ask, prompt }) => (
        <AskForm key={ask} task={view.id} ask={ask} prompt={prompt} act={act} />
      ))}
      {progress !== undefined && <Progress fraction={progress} message={message} state={now?.leaf.name ?? 'running'} />}
      {step !== undefined && (
        <section class="panel life" aria-label="Life">
          <header class="panel-head">
            <h3>Life</h3>
            <span class="muted">
              {countOf(steps.length, 'step')}
              {cut > 0 && ` · ${countOf(cut, 'older one')} not kept`}
            </span>
            <span class="spring" />
            {picked !== undefined && (
              <button type="button" class="button quiet" onClick={() => pick(undefined)}>
                Back to the newest
              </button>
            )}
            <button type="button" class="button quiet" onClick={() => go({ at: step.happening.n })}>
              Show everything at this moment
            </button>
          </header>
          <div class="life-top">
            <PathStrip steps={steps} chosen={chosen} state={now?.leaf.name ?? 'new'} />
            <StepSlider steps={steps} chosen={chosen} choose={choose} />
          </div>
          <div class="life-grid">
            <StepList steps={steps} chosen={chosen} choose={choose} />
            <StepDetail step={step} count={steps.length + cut} />
          </div>
        </section>
      )}
      <LogView lines={lines.lines} cut={lines.cut} />
      <Values view={view} />
      <Attempts steps={steps} time={frame.time} choose={choose} />
      <Relations view={view} go={go} />
    </div>
  )
}

interface ProgressProps {
  readonly fraction: number
  readonly message: string | undefined
  readonly state: string
}

function Progress({ fraction, message, state }: ProgressProps) {
  const percent = Math.round(Math.min(1, Math.max(0, fraction)) * 100)
  return (
    <div class={`task-progress status-${statusOfState(state)}`}>
      <progress max={100} value={percent} aria-label="Progress" />
      <span class="number">{percent} %</span>
      {message !== undefined && <span class="muted">{cutText(message, 200)}</span>}
    </div>
  )
}

interface SliderProps {
  readonly steps: readonly Step[]
  readonly chosen: number
  choose(place: number): void
}

/** Folding less: the task as it was after a step. */
function StepSlider({ steps, chosen, choose }: SliderProps) {
  const step = steps[chosen] as Step
  const first = steps[0]?.happening.at ?? 0
  const id = useMemo(() => `steps-${step.happening.task}`, [step.happening.task])
  return (
    <div class="step-slider">
      <label for={id}>
        After step <b class="number">{chosen + 1}</b> of {steps.length}
        <span class="muted"> · {afterOf(step.happening.at, first)}</span>
      </label>
      <input
        id={id}
        type="range"
        min={0}
        max={steps.length - 1}
        value={chosen}
        aria-valuetext={`step ${chosen + 1}: ${step.happening.event.type}, ${step.happening.to ?? 'gone'}`}
        onInput={(event) => choose(Number(event.currentTarget.value))}
      />
      <p class="muted step-hint">
        <kbd>↑</kbd> <kbd>↓</kbd> walk the steps. Nothing runs again: the page folds fewer events.
      </p>
    </div>
  )
}

function Values({ view }: { readonly view: TaskView }) {
  const { input, result, error, metadata } = view
  if ([input, result, error, metadata].every((each) => each === undefined)) return null
  return (
    <div class="values">
      {error !== undefined && <JsonPanel title="Error" value={error} tone="error" />}
      {result !== undefined && <JsonPanel title="Result" value={result} />}
      {input !== undefined && <JsonPanel title="Input" value={input} />}
      {metadata !== undefined && <JsonPanel title="Metadata" value={metadata} open={false} />}
    </div>
  )
}
