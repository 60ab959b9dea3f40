/** @module The page begins. */
import { render } from 'preact'
import { App } from './app.tsx'
import { beginTheme } from './theme.ts'

beginTheme()
const root = document.getElementById('app')
if (root !== null) {
  root.replaceChildren()
  render(<App />, root)
}
