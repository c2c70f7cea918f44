/** The frame around every page: the header, what is wrong with the cluster, the page, and photos on their way. */
import { Outlet, ScrollRestoration } from 'react-router'
import { text } from '../../text/index.ts'
import { SubmissionLayer } from '../submit/submission-layer.tsx'
import { Header } from './header.tsx'
import { ReadinessBanner } from './readiness-banner.tsx'

/** Where the link behind the first Tab leads. */
const MAIN = 'main'

export function Layout() {
  return (
    <>
      <a
        href={`#${MAIN}`}
        className="sr-only z-50 rounded-md bg-accent px-4 py-2 font-medium text-on-accent focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:px-4 focus:py-2"
      >
        {text.nav.skip}
      </a>
      <Header />
      {/* The space below lets the last row scroll clear of the tray. */}
      <main
        id={MAIN}
        tabIndex={-1}
        className="mx-auto grid max-w-page grid-cols-[minmax(0,1fr)] content-start gap-4 px-4 pt-4 pb-40 outline-none md:px-6 md:pt-6"
      >
        <ReadinessBanner />
        <Outlet />
      </main>
      <SubmissionLayer />
      <ScrollRestoration />
    </>
  )
}
