/** @module A button that copies a text. */
import { useEffect, useState } from 'preact/hooks'

interface CopyProps {
  readonly text: () => string
  /** For those who do not see it: copy what. */
  readonly what: string
}

/** Says for a moment that it has copied. */
export function CopyButton({ text, what }: CopyProps) {
  const [said, say] = useState('')
  useEffect(() => {
    if (said === '') return undefined
    const timer = setTimeout(() => say(''), 1500)
    return () => clearTimeout(timer)
  }, [said])
  const copy = (event: Event) => {
    event.preventDefault()
    event.stopPropagation()
    const { clipboard } = navigator as { clipboard?: Clipboard }
    if (clipboard === undefined) return say('cannot copy here')
    clipboard.writeText(text()).then(
      () => say('copied'),
      () => say('cannot copy here'),
    )
  }
  return (
    <button type="button" class="copy" onClick={copy} aria-label={`Copy ${what}`} title={`Copy ${what}`}>
      <svg viewBox="0 0 16 16" width="13" height="13" aria-hidden="true">
        <rect x="5.5" y="5.5" width="8" height="8" rx="1.5" />
        <path d="M3.5 10.5h-1v-8h8v1" />
      </svg>
      <span role="status">{said}</span>
    </button>
  )
}
