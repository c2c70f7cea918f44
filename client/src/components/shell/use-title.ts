/** Names the page in the browser's tab. */
import { useEffect } from 'react'
import { text } from '../../text/index.ts'

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · ${text.name}`
  }, [title])
}
