/** A command to copy. */
import { CopyButton } from './copy-button.tsx'

interface Props {
  command: string
  /** Of the button that copies it. */
  label?: string
}

export function Command({ command, label }: Props) {
  return (
    <div className="flex items-center gap-2 rounded-md border border-line bg-sunken py-1 pr-1 pl-3">
      <code className="min-w-0 flex-1 font-mono text-xs leading-5 wrap-anywhere">{command}</code>
      <CopyButton content={command} label={label} />
    </div>
  )
}
