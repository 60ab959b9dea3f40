/** @module The keys, as a dialog. */
import { useEffect, useRef } from 'preact/hooks'
import { keyWords } from './keys.ts'

export function Help({ close }: { readonly close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  return (
    <dialog ref={dialog} class="help panel" aria-labelledby="help-title" onClose={close}>
      <div class="panel-head">
        <h2 id="help-title">Keys</h2>
        <span class="spring" />
        <button type="button" class="button quiet small" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </div>
      <dl class="panel-body keys">
        {keyWords.map(([keys, what]) => (
          <div key={keys}>
            <dt>{keys.split(' ').map((key) => (key === 'to' ? ' to ' : <kbd key={key}>{key}</kbd>))}</dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </dialog>
  )
}
