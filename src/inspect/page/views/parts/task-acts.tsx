/** @module What a page that may act does with a task: cancel it, run it again, answer it. */
import { useState } from 'preact/hooks'
import type { Action, ActionAnswer, TaskRow, TaskView } from '../../../protocol.ts'
import type { ViewProps } from '../../view-props.ts'

type Act = (action: Action) => Promise<ActionAnswer>

/** Sends an action, and keeps what became of it. */
export function useAct(act: Act | undefined) {
  const [busy, setBusy] = useState(false)
  const [answer, setAnswer] = useState<ActionAnswer>()
  const send = async (action: Action): Promise<boolean> => {
    if (act === undefined || busy) return false
    setBusy(true)
    try {
      const said = await act(action)
      setAnswer(said)
      return said.ok
    } catch (error) {
      setAnswer({
        ok: false,
        code: 'ERROR',
        message: error instanceof Error ? error.message : 'the server did not answer',
      })
      return false
    } finally {
      setBusy(false)
    }
  }
  return { busy, answer, send }
}

export function ActAnswer({ answer }: { readonly answer: ActionAnswer | undefined }) {
  return (
    <span class={`act-answer ${answer?.ok === false ? 'refused' : ''}`} role="status">
      {answer?.message ?? ''}
    </span>
  )
}

interface ActsProps {
  readonly row: TaskRow
  readonly act: Act
  readonly go: ViewProps<TaskView>['go']
}

/** Cancel with a reason, or run it again once it has failed or was cancelled. */
export function TaskActs({ row, act, go }: ActsProps) {
  const { busy, answer, send } = useAct(act)
  const [asked, ask] = useState(false)
  const [reason, setReason] = useState('')
  const ended = row.status === 'completed' || row.status === 'failed' || row.status === 'cancelled'
  const cancel = async (event: Event) => {
    event.preventDefault()
    const done = await send({ do: 'cancel', task: row.id, ...(reason.trim() === '' ? {} : { reason: reason.trim() }) })
    if (done) ask(false)
  }
  return (
    <div class="task-acts">
      {!ended && !asked && (
        <button type="button" class="button" onClick={() => ask(true)}>
          Cancel…
        </button>
      )}
      {!ended && asked && (
        <form class="act-form" onSubmit={cancel}>
          <input
            class="input"
            aria-label="Reason, if you like"
            placeholder="Reason (optional)"
            maxLength={500}
            value={reason}
            ref={(input) => input?.focus()}
            onInput={(event) => setReason(event.currentTarget.value)}
            onKeyDown={(event) => event.key === 'Escape' && ask(false)}
          />
          <button type="submit" class="button danger" disabled={busy}>
            Cancel the task
          </button>
          <button type="button" class="button quiet" onClick={() => ask(false)}>
            Keep it
          </button>
        </form>
      )}
      {(row.status === 'failed' || row.status === 'cancelled') && (
        <button type="button" class="button" disabled={busy} onClick={() => send({ do: 'retry', task: row.id })}>
          Run again
        </button>
      )}
      <ActAnswer answer={answer} />
      {answer?.ok === true && answer.task !== undefined && answer.task !== row.id && (
        <button type="button" class="button quiet" onClick={() => go({ task: answer.task })}>
          Show the new task
        </button>
      )}
    </div>
  )
}

interface AskProps {
  readonly task: string
  readonly ask: number
  readonly prompt: string
  readonly act: Act | undefined
}

/** One open question. JSON goes as JSON, everything else as the text that it is. */
export function AskForm({ task, ask, prompt, act }: AskProps) {
  const { busy, answer, send } = useAct(act)
  const [text, setText] = useState('')
  const value = typedValue(text)
  const submit = async (event: Event) => {
    event.preventDefault()
    if (await send({ do: 'answer', task, ask, value })) setText('')
  }
  return (
    <form class="ask panel" onSubmit={submit}>
      <p class="ask-prompt">{prompt === '' ? 'The task waits for an input.' : prompt}</p>
      {act !== undefined && (
        <div class="act-form">
          <input
            class="input"
            aria-label={`Answer to ask ${ask}`}
            placeholder="Answer: text, or JSON"
            maxLength={100_000}
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
          <span class="muted">{text === '' ? '' : `as ${typeof value === 'string' ? 'text' : 'JSON'}`}</span>
          <button type="submit" class="button primary" disabled={busy || text === ''}>
            Answer
          </button>
        </div>
      )}
      <ActAnswer answer={answer} />
    </form>
  )
}

/** What was typed: JSON where it is an object, a list, a number, a boolean, null, or a text in quotes. */
export function typedValue(text: string): unknown {
  const trimmed = text.trim()
  if (!/^(?:[[{"]|-?\d|true$|false$|null$)/.test(trimmed)) return text
  try {
    return JSON.parse(trimmed)
  } catch {
    return text
  }
}
