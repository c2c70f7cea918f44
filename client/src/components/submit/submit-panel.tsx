/** Where photos are chosen: the visible part of a drop zone that is the whole window, and the samples. */
import { Camera, FolderOpen, Images, ImageUp } from 'lucide-react'
import { text } from '../../text/index.ts'
import { FileButton } from './file-button.tsx'
import { LimitsNote } from './limits-note.tsx'
import { SampleTiles } from './sample-tiles.tsx'

export function SubmitPanel() {
  const { submit } = text
  return (
    <section
      aria-label={submit.heading}
      className="grid content-start gap-5 rounded-lg border border-dashed border-line-strong bg-surface px-5 py-6 md:px-8"
    >
      <div className="flex items-start gap-4">
        <span className="flex size-11 shrink-0 items-center justify-center rounded-full bg-accent-soft text-accent max-sm:hidden">
          <ImageUp aria-hidden size={22} />
        </span>
        <div className="min-w-0">
          <p className="text-base font-semibold pointer-coarse:hidden">{submit.drop}</p>
          <p className="hidden text-base font-semibold pointer-coarse:block">{submit.touch}</p>
          <p className="text-ink-muted pointer-coarse:hidden">{submit.dropDetail}</p>
          <p className="hidden text-ink-muted pointer-coarse:block">{submit.touchDetail}</p>
        </div>
      </div>
      <div className="flex flex-wrap gap-2">
        <FileButton
          icon={Camera}
          label={submit.camera}
          source="camera"
          className="not-pointer-coarse:hidden"
        />
        <FileButton icon={Images} label={submit.choose} isMain />
        <FileButton icon={FolderOpen} label={submit.chooseFolder} source="folder" />
      </div>
      <p className="text-xs text-ink-muted">
        <LimitsNote />
      </p>
      <div className="min-w-0 border-t border-line pt-4">
        <p className="mb-2 text-xs font-medium text-ink-muted">{submit.samples}</p>
        <SampleTiles />
      </div>
    </section>
  )
}
