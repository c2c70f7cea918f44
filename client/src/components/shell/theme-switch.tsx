/** Chooses between the system's theme, light and dark. */
import { Monitor, Moon, Sun } from 'lucide-react'
import { chooseTheme, THEMES, useTheme } from '../../stores/theme.ts'
import { text } from '../../text/index.ts'

const icons = { system: Monitor, light: Sun, dark: Moon }

export function ThemeSwitch() {
  const chosen = useTheme((store) => store.theme)
  return (
    <fieldset className="flex rounded-full border border-line bg-sunken p-0.5">
      <legend className="sr-only">{text.theme.legend}</legend>
      {THEMES.map((theme) => {
        const Icon = icons[theme]
        return (
          <label
            key={theme}
            title={text.theme.names[theme]}
            className="relative flex size-7 cursor-pointer items-center justify-center rounded-full text-ink-muted transition-colors hover:text-ink has-checked:bg-surface has-checked:text-accent has-checked:ring-1 has-checked:ring-line has-focus-visible:outline-2 has-focus-visible:outline-accent"
          >
            <input
              type="radio"
              name="theme"
              className="sr-only"
              aria-label={text.theme.names[theme]}
              checked={chosen === theme}
              onChange={() => chooseTheme(theme)}
            />
            <Icon aria-hidden size={14} />
          </label>
        )
      })}
    </fieldset>
  )
}
