/** The bar at the top: whose page this is, how the cluster does, and whether the board is live. */
import { text } from '../text.ts'
import { ClusterLine } from './cluster-line.tsx'
import { ConnectionBadge } from './connection-badge.tsx'
import { ThemeSwitch } from './theme-switch.tsx'

export function Header() {
  return (
    <header className="sticky top-0 z-20 border-b border-line bg-surface">
      <div className="mx-auto flex max-w-page flex-wrap items-center gap-x-4 px-4 py-2 md:h-14 md:flex-nowrap md:px-6 md:py-0">
        <h1 className="flex items-center gap-2 text-base font-semibold tracking-tight">
          <img src="/favicon.svg" alt="" width="26" height="26" />
          {text.name}
        </h1>
        <div className="order-last min-w-0 basis-full md:order-none md:flex-1 md:basis-auto md:border-l md:border-line md:pl-4">
          <ClusterLine />
        </div>
        <div className="ml-auto flex items-center gap-3">
          {/* As wide as the longest words, so that the line on the left keeps its place. */}
          <div className="flex justify-end md:min-w-40">
            <ConnectionBadge />
          </div>
          <ThemeSwitch />
        </div>
      </div>
    </header>
  )
}
