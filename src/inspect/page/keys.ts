/** @module The keys of the page. */
import { useEffect } from 'preact/hooks'
import type { Frame, View } from '../protocol.ts'
import { queryOf } from './address.ts'
import { wishForSearch } from './search-focus.ts'
import { tabs } from './tabs.ts'
import type { ViewProps } from './view-props.ts'

interface KeyHost {
  readonly frame: Frame | undefined
  readonly go: ViewProps<View>['go']
  readonly help: () => void
  readonly close: () => void
}

export const keyWords: readonly (readonly [keys: string, what: string])[] = [
  ['1 to 6', 'the views'],
  ['/', 'search tasks'],
  ['j k', 'the next and the previous row of a list'],
  ['Enter', 'open what is chosen'],
  ['Space', 'stop the time, and go live again'],
  ['[ ]', 'one step back and forth in time'],
  ['+ - 0', 'a larger and a smaller chart, and all of it'],
  ['Esc', 'close the task, or this'],
  ['?', 'these keys'],
]

/** Whether a key is meant for what has the focus. */
function isTaken({ target }: KeyboardEvent): boolean {
  if (!(target instanceof HTMLElement)) return false
  return target.closest('input:not([type=range], [type=checkbox]), textarea, select, [contenteditable]') !== null
}

export function useKeys({ frame, go, help, close }: KeyHost): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const { key, ctrlKey, metaKey, altKey } = event
      // two keys may be faster than the page is drawn
      const query = queryOf(location.hash)
      if (key === 'Escape') {
        close()
        if (event.target instanceof HTMLElement && isTaken(event)) event.target.blur()
        else if (query.view === 'task') go({ view: 'tasks', task: undefined })
        else go({ task: undefined })
        return
      }
      if (ctrlKey || metaKey || altKey || isTaken(event)) return
      const tab = tabs[Number(key) - 1]
      if (tab !== undefined) go({ view: tab.view, ...(query.view === 'task' && { task: undefined }) })
      else if (key === '?') help()
      else if (key === '/') {
        event.preventDefault()
        if (query.view !== 'tasks') go({ view: 'tasks' })
        wishForSearch()
      } else if (key === 'j' || key === 'k') {
        // the list of the view hears it, wherever the focus is
        const list = document.querySelector<HTMLElement>('.stage [role=grid], .stage [role=listbox]')
        if (list === null || list.contains(event.target as Node)) return
        list.focus()
        list.dispatchEvent(new KeyboardEvent('keydown', { key, cancelable: true }))
      } else if (
        key === ' ' &&
        !(event.target as Element).closest('button, a, input[type=checkbox], [role=option], [role=button], summary')
      ) {
        event.preventDefault()
        go({ at: query.at === undefined ? frame?.n : undefined })
      } else if (key === '[' || key === ']') {
        const { first = 0, last = 0 } = frame?.reach ?? {}
        const at = (query.at ?? last) + (key === '[' ? -1 : 1)
        go({ at: at >= last ? undefined : Math.max(first, at) })
      }
    }
    addEventListener('keydown', pressed)
    return () => removeEventListener('keydown', pressed)
  }, [frame, go, help, close])
}
