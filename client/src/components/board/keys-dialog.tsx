/** Says what the keys do, and turns those of a single letter off. */
import { useEffect, useId, useRef } from 'react'
import { setSingleKeys, useSingleKeys } from '../../stores/single-keys.ts'
import { text } from '../../text/index.ts'
import { Button } from '../ui/button.tsx'

export function KeysDialog({ onClose }: { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  const areOn = useSingleKeys((store) => store.areOn)
  const { keys } = text
  useEffect(() => dialog.current?.showModal(), [])
  return (
    <dialog
      ref={dialog}
      aria-labelledby={id}
      onClose={onClose}
      className="m-auto w-full max-w-[min(26rem,calc(100vw-2rem))] rounded-lg border border-line bg-surface text-ink shadow-raised backdrop:bg-veil"
    >
      <div className="grid gap-4 p-5">
        <h2 id={id} className="text-base font-semibold">
          {keys.heading}
        </h2>
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
      </div>
    </dialog>
  )
}
