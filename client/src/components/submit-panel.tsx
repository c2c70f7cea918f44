/** Where photos are chosen: the visible part of a drop zone that is the whole window, and the samples. */
import { ImageUp } from 'lucide-react'
import { submitFiles } from '../stores/uploads.ts'
import { text } from '../text.ts'
import { SampleTiles } from './sample-tiles.tsx'

export function SubmitPanel() {
  const { submit } = text
  return (
    <section aria-label={submit.heading} className="grid gap-4 lg:grid-cols-[minmax(0,1fr)_auto]">
      <label className="group flex cursor-pointer flex-wrap items-center gap-x-4 gap-y-3 rounded-lg border border-dashed border-line-strong bg-surface px-5 py-4 transition-colors hover:border-accent hover:bg-hover has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent">
        <span className="flex size-11 shrink-0 items-center justify-center rounded-full bg-accent-soft text-accent max-sm:hidden">
          <ImageUp aria-hidden size={22} />
        </span>
        <span className="min-w-0 flex-1 basis-48">
          <span className="block text-base font-semibold pointer-coarse:hidden">{submit.drop}</span>
          <span className="hidden text-base font-semibold pointer-coarse:block">{submit.touch}</span>
          <span className="block text-ink-muted pointer-coarse:hidden">{submit.dropDetail}</span>
          <span className="hidden text-ink-muted pointer-coarse:block">{submit.touchDetail}</span>
        </span>
        <span
          aria-hidden
          className="rounded-md bg-accent px-4 py-2 font-medium text-on-accent transition-colors group-hover:bg-accent-hover max-sm:w-full max-sm:text-center"
        >
          {submit.choose}
        </span>
        <input
          type="file"
          multiple
          accept="image/*"
          aria-label={submit.choose}
          className="sr-only"
          onChange={(event) => {
            submitFiles(event.target.files ?? [])
            // Else the same photo could not be chosen twice in a row.
            event.target.value = ''
          }}
        />
      </label>
      <SampleTiles />
    </section>
  )
}
