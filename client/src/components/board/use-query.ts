/** What the address of the board asks for, and how it is changed. */
import { useCallback, useMemo } from 'react'
import { useSearchParams } from 'react-router'
import { type AddressedQuery, readQuery } from './job-query.ts'

export interface QueryInAddress {
  readonly params: URLSearchParams
  readonly query: AddressedQuery
  /** @param isCorrection of the step before, rather than a step of its own in the history */
  readonly go: (params: URLSearchParams, isCorrection?: boolean) => void
}

export function useQuery(): QueryInAddress {
  const [params, setParams] = useSearchParams()
  // The same query keeps its identity, whatever else the address says.
  const query = useMemo(() => readQuery(params), [params])
  const go = useCallback(
    (next: URLSearchParams, isCorrection = false) => setParams(next, { replace: isCorrection }),
    [setParams],
  )
  return { params, query, go }
}
