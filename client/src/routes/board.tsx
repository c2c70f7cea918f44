/** The job board: submit photos at the top, watch them being recognised below. */
import { DropOverlay } from '../components/drop-overlay.tsx'
import { Header } from '../components/header.tsx'
import { JobDrawer } from '../components/job-drawer.tsx'
import { JobSection } from '../components/job-section.tsx'
import { ReadinessBanner } from '../components/readiness-banner.tsx'
import { SubmitPanel } from '../components/submit-panel.tsx'
import { UploadTray } from '../components/upload-tray.tsx'

/** The page at `/`. */
export function Board() {
  return (
    <>
      <Header />
      {/* The space below lets the last row scroll clear of the tray. */}
      <main className="mx-auto grid max-w-page gap-4 px-4 pt-4 pb-40 md:px-6 md:pt-6">
        <ReadinessBanner />
        <SubmitPanel />
        <JobSection />
      </main>
      <UploadTray />
      <DropOverlay />
      <JobDrawer />
    </>
  )
}
