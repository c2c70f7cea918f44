/** All pages of the web app and their addresses. */
import type { Page } from 'playwright-core'

const UNKNOWN = '00000000-0000-4000-8000-000000000000'

/** Of the pages about one job or batch, of which there is none. */
export const PAGES = {
  board: '',
  submit: 'submit',
  job: `jobs/${UNKNOWN}`,
  batches: 'batches',
  batch: `batches/${UNKNOWN}`,
  cluster: 'cluster',
  dashboard: 'dashboard',
} as const

/** Leads to where there is no page, from one that there is: the master itself has no answer to such an address. */
export async function loseWay(page: Page): Promise<void> {
  await page.evaluate(() => {
    history.pushState(null, '', '/nowhere')
    dispatchEvent(new PopStateEvent('popstate'))
  })
}
