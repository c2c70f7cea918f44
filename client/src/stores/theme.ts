/** The theme that was chosen; the system's unless someone chose another. */
import { create } from 'zustand'

export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

/** `public/theme.js` reads it before the first paint. */
const STORAGE_KEY = 'argus.theme'

const root = document.documentElement

export const useTheme = create<{ theme: Theme }>(() => ({
  theme: THEMES.find((theme) => theme === root.dataset.theme) ?? 'system',
}))

/** Applies a theme and remembers it. */
export function chooseTheme(theme: Theme): void {
  if (theme === 'system') delete root.dataset.theme
  else root.dataset.theme = theme
  useTheme.setState({ theme })
  try {
    localStorage.setItem(STORAGE_KEY, theme)
  } catch {
    // Without storage the choice lasts until the page is left.
  }
}
