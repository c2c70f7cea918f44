/** The page at `/submit`: all ways to submit photos, with options, and what has become of them. */
import { useTitle } from '../components/shell/use-title.ts'
import { OptionCard } from '../components/submit/option-card.tsx'
import { SubmitPanel } from '../components/submit/submit-panel.tsx'
import { UploadSection } from '../components/submit/upload-section.tsx'
import { text } from '../text/index.ts'

export function Component() {
  useTitle(text.submit.heading)
  return (
    <>
      <h1 className="flex h-9 items-center text-lg font-semibold">{text.submit.heading}</h1>
      <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 lg:grid-cols-[minmax(0,1fr)_24rem]">
        <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
          <SubmitPanel />
          <UploadSection />
        </div>
        <OptionCard />
      </div>
    </>
  )
}
