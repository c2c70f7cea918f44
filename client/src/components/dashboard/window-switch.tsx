/** Chooses how far back the dashboard looks. */
import { text } from '../../text/index.ts'
import { type ActivityWindow, WINDOWS } from './windows.ts'

interface Props {
  chosen: ActivityWindow
  onChoose: (window: ActivityWindow) => void
}

export function WindowSwitch({ chosen, onChoose }: Props) {
  return (
    <fieldset className="flex rounded-md border border-line bg-sunken p-0.5">
      <legend className="sr-only">{text.dashboard.window}</legend>
      {WINDOWS.map((window) => (
        <label
          key={window}
          className="relative flex h-7 cursor-pointer items-center rounded-sm px-2.5 whitespace-nowrap text-ink-muted transition-colors hover:text-ink has-checked:bg-surface has-checked:font-medium has-checked:text-accent has-checked:ring-1 has-checked:ring-line has-focus-visible:outline-2 has-focus-visible:outline-accent"
        >
          <input
            type="radio"
            name="window"
            className="sr-only"
            checked={chosen === window}
            onChange={() => onChoose(window)}
          />
          {text.dashboard.windows[window]}
        </label>
      ))}
    </fieldset>
  )
}
