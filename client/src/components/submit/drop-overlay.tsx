/** Shows, while photos are dragged over the window, that they can be dropped. */
import { ImageUp } from 'lucide-react'
import { useDragging } from '../../stores/dragging.ts'
import { text } from '../../text/index.ts'

export function DropOverlay() {
  const { dragging } = useDragging()
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
