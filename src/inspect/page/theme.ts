/** @module Light or dark: what the system says, until somebody chooses. */
import { useEffect, useState } from 'preact/hooks'

export type Theme = 'light' | 'dark'
const place = 'offstage-theme'
const dark = matchMedia('(prefers-color-scheme: dark)')

function chosen(): Theme | undefined {
  try {
    const value = localStorage.getItem(place)
    return value === 'light' || value === 'dark' ? value : undefined
  } catch {
    return undefined
  }
}

const current = (): Theme => chosen() ?? (dark.matches ? 'dark' : 'light')

/** Before anything is drawn. */
export function beginTheme(): void {
  document.documentElement.dataset.theme = current()
}

/** The theme, and what changes to the other one. */
export function useTheme(): readonly [Theme, () => void] {
  const [theme, set] = useState<Theme>(current)
  useEffect(() => {
    document.documentElement.dataset.theme = theme
  }, [theme])
  useEffect(() => {
    const follow = () => set(current())
    dark.addEventListener('change', follow)
    return () => dark.removeEventListener('change', follow)
  }, [])
  const toggle = () => {
    const next = theme === 'dark' ? 'light' : 'dark'
    try {
      localStorage.setItem(place, next)
    } catch {
      // it holds until the page is loaded anew
    }
    set(next)
  }
  return [theme, toggle]
}
