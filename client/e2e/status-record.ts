/** Records on the page itself which statuses each row shows, so that none is missed however short it is. */
import type { Page } from 'playwright-core'

const RECORD = 'data-status-record'

/** Starts to record what changes from now on. */
export async function recordStatuses(page: Page): Promise<void> {
  await page.evaluate((attribute) => {
    const record: Record<string, string[]> = {}
    const note = (node: Node) => {
      if (!(node instanceof HTMLElement)) return
      const isRow = node.matches('tr[data-job-id]')
      for (const row of isRow ? [node] : node.querySelectorAll<HTMLElement>('tr[data-job-id]')) {
        const { jobId = '', status = '' } = row.dataset
        record[jobId] ??= []
        if (record[jobId].at(-1) !== status) record[jobId].push(status)
      }
      document.documentElement.setAttribute(attribute, JSON.stringify(record))
    }
    new MutationObserver((mutations) => {
      for (const { type, target, addedNodes } of mutations) {
        if (type === 'attributes') note(target)
        else for (const node of addedNodes) note(node)
      }
    }).observe(document.body, {
      subtree: true,
      childList: true,
      attributes: true,
      attributeFilter: ['data-status'],
    })
  }, RECORD)
}

/** What was recorded: for each job the statuses that its row showed, in that order. */
export async function statusesSeen(page: Page): Promise<ReadonlyMap<string, readonly string[]>> {
  const json = await page.evaluate(
    (attribute) => document.documentElement.getAttribute(attribute) ?? '{}',
    RECORD,
  )
  const record: Record<string, string[]> = JSON.parse(json)
  return new Map(Object.entries(record))
}
