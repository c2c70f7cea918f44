/** Waits for what comes by itself. */
import { vi } from 'vitest'

/** Even a machine under load gets there: only a test that fails takes so long. */
const PATIENT_MS = 20_000

/** @returns what `check` returns, once it does not throw */
export function until<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: PATIENT_MS, interval: 10 })
}
