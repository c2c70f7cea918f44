/** Makes the whole window accept dropped and pasted photos, and shows so while some are dragged over it. */
import { ImageUp } from 'lucide-react'
import { useEffect, useState } from 'react'
import { submitFiles } from '../stores/uploads.ts'
import { text } from '../text.ts'

export function DropOverlay() {
  const [dragging, setDragging] = useState(false)

  useEffect(() => {
    const listeners = new AbortController()
    const { signal } = listeners
    // Every element under the pointer fires enter and leave; only their balance tells about the window.
    let depth = 0
    const moved = (change: number) => (event: DragEvent) => {
      if (!carriesFiles(event)) return
      depth = Math.max(0, depth + change)
      setDragging(depth > 0)
    }
    window.addEventListener('dragenter', moved(1), { signal })
    window.addEventListener('dragleave', moved(-1), { signal })
    // Without this the browser would leave the page to show the file.
    window.addEventListener('dragover', (event) => carriesFiles(event) && event.preventDefault(), { signal })
    window.addEventListener(
      'drop',
      (event) => {
        if (!carriesFiles(event)) return
        event.preventDefault()
        depth = 0
        setDragging(false)
        submitFiles(event.dataTransfer?.files ?? [])
      },
      { signal },
    )
    window.addEventListener('paste', (event) => submitFiles(event.clipboardData?.files ?? []), { signal })
    return () => listeners.abort()
  }, [])

  if (!dragging) return null
  return (
    <div className="pointer-events-none fixed inset-0 z-40 grid place-items-center bg-veil p-6">
      <div className="flex flex-col items-center gap-2 rounded-lg border-2 border-dashed border-accent bg-surface px-12 py-8 text-center shadow-raised">
        <ImageUp aria-hidden size={36} className="text-accent" />
        <p className="text-lg font-semibold">{text.submit.overlay}</p>
        <p className="text-ink-muted">{text.submit.overlayDetail}</p>
      </div>
    </div>
  )
}

function carriesFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes('Files') ?? false
}
