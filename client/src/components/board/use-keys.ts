/** What keys do on the page, as long as nobody types and no dialog is open. */
import { useEffect, useRef } from 'react'
import { useSingleKeys } from '../../stores/single-keys.ts'

/** By `KeyboardEvent.key`. */
export type Keys = Readonly<Record<string, () => void>>

export function useKeys(keys: Keys): void {
  const latest = useRef(keys)
  useEffect(() => {
    latest.current = keys
  })
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const act = latest.current[event.key]
      if (act === undefined || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey)
        return
      if (isTaken(event)) return
      if (event.key.length === 1 && !useSingleKeys.getState().areOn) return
      event.preventDefault()
      act()
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  }, [])
}

/** Something else has its own use for the key. */
function isTaken({ key, target }: KeyboardEvent): boolean {
  if (document.querySelector('dialog[open], [popover]:popover-open') !== null) return true
  if (!(target instanceof HTMLElement)) return false
  if (target.isContentEditable || target.matches('textarea, select, input:not([type=checkbox])')) return true
  return key === 'Enter' && target.matches('a, button, input, summary')
}
