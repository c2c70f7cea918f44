/** The job board: submit photos at the top, watch them being recognised below. */
import { Header } from '../components/header.tsx'
import { JobDrawer } from '../components/job-drawer.tsx'
import { JobSection } from '../components/job-section.tsx'
import { ReadinessBanner } from '../components/readiness-banner.tsx'
import { SubmissionLayer } from '../components/submission-layer.tsx'
import { SubmitPanel } from '../components/submit-panel.tsx'
import { useOpened } from '../stores/opened.ts'

/** The page at `/`. */
export function Board() {
  const inDrawer = useOpened(({ job, failure }) => job !== null || failure !== null)
  return (
    <>
      <Header />
      {/* The space below lets the last row scroll clear of the tray. */}
      <main className="mx-auto grid max-w-page gap-4 px-4 pt-4 pb-40 md:px-6 md:pt-6">
        <ReadinessBanner />
        <SubmitPanel />
        <JobSection />
      </main>
      {!inDrawer && <SubmissionLayer />}
      <JobDrawer />
    </>
  )
}
