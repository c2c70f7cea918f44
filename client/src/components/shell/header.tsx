/** The bar at the top: whose pages these are and which there are, how the cluster does, whether all this is live. */
import { ChartLine, FolderOpen, ImageUp, LayoutList, type LucideIcon, Server } from 'lucide-react'
import { NavLink } from 'react-router'
import { text } from '../../text/index.ts'
import { ClusterLine } from './cluster-line.tsx'
import { ConnectionBadge } from './connection-badge.tsx'
import { ThemeSwitch } from './theme-switch.tsx'

const PAGES: ReadonlyArray<{ to: string; name: string; icon: LucideIcon }> = [
  { to: '/', name: text.nav.board, icon: LayoutList },
  { to: '/submit', name: text.nav.submit, icon: ImageUp },
  { to: '/batches', name: text.nav.batches, icon: FolderOpen },
  { to: '/cluster', name: text.nav.cluster, icon: Server },
  { to: '/dashboard', name: text.nav.dashboard, icon: ChartLine },
]

export function Header() {
  return (
    <header className="sticky top-0 z-20 border-b border-line bg-surface">
      <div className="mx-auto flex max-w-page flex-wrap items-center gap-x-4 px-4 max-lg:pt-2 md:px-6 lg:h-14 lg:flex-nowrap">
        <NavLink to="/" className="flex items-center gap-2 text-base font-semibold tracking-tight">
          <img src="/favicon.svg" alt="" width="26" height="26" />
          {text.name}
        </NavLink>
        <nav
          aria-label={text.nav.label}
          className="order-last -mx-2 min-w-0 basis-full overflow-x-auto lg:order-none lg:mx-0 lg:shrink-0 lg:basis-auto"
        >
          <ul className="flex gap-1 py-1">
            {PAGES.map(({ to, name, icon: Icon }) => (
              <li key={to} className="max-sm:flex-1">
                <NavLink
                  to={to}
                  end={to === '/'}
                  className="flex h-8 items-center justify-center gap-1.5 rounded-md px-2.5 font-medium text-ink-muted transition-colors hover:bg-hover hover:text-ink aria-[current=page]:bg-accent-soft aria-[current=page]:text-accent max-sm:px-1.5 max-sm:text-xs"
                >
                  <Icon aria-hidden size={16} className="shrink-0 max-sm:hidden" />
                  {name}
                </NavLink>
              </li>
            ))}
          </ul>
        </nav>
        <div className="ml-auto flex min-w-0 items-center gap-3">
          <div className="min-w-0 max-xl:hidden">
            <ClusterLine />
          </div>
          <ConnectionBadge />
          <ThemeSwitch />
        </div>
      </div>
    </header>
  )
}
