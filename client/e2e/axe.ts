/** What a page does wrong by WCAG 2.2 AA, as far as a machine can tell. */
import axe from 'axe-core'
import type { Page } from 'playwright-core'

declare global {
  interface Window {
    axe: typeof axe
  }
}

const LEVELS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
/** Those that a colour scheme can break; the others look at no colours. */
const COLOURS = ['color-contrast', 'link-in-text-block']
const IMPACTS = ['serious', 'critical']

/**
 * @param which all rules, or only those about colours
 * @returns what is serious, each as its rule, its element and what is to be done
 */
export async function violations(page: Page, which: 'all' | 'colours'): Promise<string[]> {
  // By the devtools, to which the page's own policy does not apply.
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source)
  const { violations: found } = await page.evaluate(
    (runOnly) => window.axe.run({ runOnly, resultTypes: ['violations'] }),
    which === 'all' ? LEVELS : COLOURS,
  )
  return found
    .filter(({ impact }) => IMPACTS.includes(impact ?? ''))
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`),
    )
}
