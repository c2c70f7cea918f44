/** A button that has the person choose photos: files, a whole folder, or one that the camera takes now. */
import type { LucideIcon } from 'lucide-react'
import { submitFiles } from '../../stores/uploads.ts'
import { readChosen } from '../../uploads/dropped.ts'
import { BUTTON } from '../ui/button.tsx'

interface Props {
  icon: LucideIcon
  label: string
  source?: 'files' | 'folder' | 'camera'
  isMain?: boolean
  className?: string
}

const MAIN =
  'inline-flex h-8 shrink-0 items-center justify-center gap-1.5 rounded-md bg-accent px-3 font-medium whitespace-nowrap text-on-accent transition-colors hover:bg-accent-hover'

export function FileButton({ icon: Icon, label, source = 'files', isMain = false, className = '' }: Props) {
  return (
    <label
      className={`relative cursor-pointer has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent ${isMain ? MAIN : BUTTON} ${className}`}
    >
      <Icon aria-hidden size={16} className="shrink-0" />
      <span aria-hidden>{label}</span>
      <input
        ref={(input) => {
          // React knows no such attribute.
          if (input && source === 'folder') input.webkitdirectory = true
        }}
        type="file"
        multiple={source !== 'camera'}
        accept={source === 'folder' ? undefined : 'image/*'}
        capture={source === 'camera' ? 'environment' : undefined}
        aria-label={label}
        className="sr-only"
        onChange={({ target }) => {
          const { files, folder } = readChosen(target.files ?? [])
          void submitFiles(files, folder)
          // Else the same photo could not be chosen twice in a row.
          target.value = ''
        }}
      />
    </label>
  )
}
