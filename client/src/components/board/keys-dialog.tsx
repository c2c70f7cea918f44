/** Says what the keys do, and turns those of a single letter off. */
import { useRef } from 'react'
import { setSingleKeys, useSingleKeys } from '../../stores/single-keys.ts'
import { text } from '../../text/index.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'

export function KeysDialog({ onClose }: { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const areOn = useSingleKeys((store) => store.areOn)
  const { keys } = text
  return (
    <Dialog ref={dialog} heading={keys.heading} onClose={onClose}>
      <dl className="grid gap-2">
        {keys.list.map(([names, does]) => (
          <div key={does} className="grid grid-cols-[6rem_1fr] items-center">
            <dt className="flex gap-1">
              {names.map((name) => (
                <kbd
                  key={name}
                  className="min-w-6 rounded-sm border border-line-strong bg-sunken px-1.5 text-center font-mono text-xs leading-5"
                >
                  {name}
                </kbd>
              ))}
            </dt>
            <dd className="text-ink-muted">{does}</dd>
          </div>
        ))}
      </dl>
      <p className="text-ink-muted">{keys.also}</p>
      <div className="flex items-center justify-between gap-4">
        <label className="flex min-h-6 cursor-pointer items-center gap-2">
          <input
            type="checkbox"
            checked={areOn}
            onChange={({ target }) => setSingleKeys(target.checked)}
            className="size-4 accent-accent"
          />
          {keys.single}
        </label>
        <Button label={keys.close} onClick={() => dialog.current?.close()} />
      </div>
    </Dialog>
  )
}
