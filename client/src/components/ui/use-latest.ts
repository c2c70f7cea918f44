/** Keeps what was known last, for when it is known no more. */
import { useState } from 'react'

export function useLatest<Value>(value: Value | null): Value | null {
  const [kept, setKept] = useState(value)
  if (value !== null && value !== kept) setKept(value)
  return value ?? kept
}
