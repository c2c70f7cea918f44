/** All uploads, one a line; only those in sight are drawn, so that a thousand cost no more than ten. */
import { useVirtualizer } from '@tanstack/react-virtual'
import { useMemo, useRef, useState } from 'react'
import { useUploads } from '../../stores/uploads.ts'
import { text } from '../../text/index.ts'
import { isPending, type Upload } from '../../uploads/upload.ts'
import { type Filter, UploadFilter } from './upload-filter.tsx'
import { UploadItem } from './upload-item.tsx'

/** Of a line whose photo has no failure. */
const LINE_PX = 53

const MATCHES: Readonly<Record<Filter, (upload: Upload) => boolean>> = {
  all: () => true,
  pending: isPending,
  failed: ({ state }) => state === 'failed',
  sent: ({ state }) => state === 'sent',
}

export function UploadList() {
  const [filter, setFilter] = useState<Filter>('all')
  const revision = useUploads((store) => store.revision)
  const ids = useMemo(() => idsOf(filter, revision), [filter, revision])
  const frame = useRef<HTMLDivElement>(null)
  const virtualizer = useVirtualizer({
    count: ids.length,
    getScrollElement: () => frame.current,
    estimateSize: () => LINE_PX,
    getItemKey: (index) => ids[index] ?? index,
    overscan: 5,
  })
  return (
    <div className="border-t border-line">
      <UploadFilter filter={filter} onChange={setFilter} />
      {ids.length === 0 && <p className="px-4 py-6 text-ink-muted">{text.uploads.noneOfFilter}</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: who has no pointer scrolls it by keys. */}
      <div ref={frame} tabIndex={0} className="max-h-[60vh] overflow-y-auto -outline-offset-2">
        <ul className="relative" style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map(({ key, index, start }) => (
            <li
              key={key}
              ref={virtualizer.measureElement}
              data-index={index}
              aria-setsize={ids.length}
              aria-posinset={index + 1}
              className="absolute inset-x-0 border-t border-line"
              style={{ top: start }}
            >
              <UploadItem id={ids[index] ?? 0} />
            </li>
          ))}
        </ul>
      </div>
    </div>
  )
}

/** @param _revision of the uploads: another one, other ids */
function idsOf(filter: Filter, _revision: number): number[] {
  const ids: number[] = []
  for (const upload of useUploads.getState().uploads.values())
    if (MATCHES[filter](upload)) ids.push(upload.id)
  return ids
}
