/** Whether keys of a single letter do something: whoever speaks to their computer turns them off (WCAG 2.1.4). */
import { create } from 'zustand'

const STORAGE_KEY = 'argus.single-keys'

export const useSingleKeys = create<{ areOn: boolean }>(() => ({ areOn: read() }))

/** Turns them on or off, and remembers it. */
export function setSingleKeys(areOn: boolean): void {
  useSingleKeys.setState({ areOn })
  try {
    localStorage.setItem(STORAGE_KEY, areOn ? 'on' : 'off')
  } catch {
    // Without storage the choice lasts until the page is left.
  }
}

function read(): boolean {
  try {
    return localStorage.getItem(STORAGE_KEY) !== 'off'
  } catch {
    return true
  }
}
