/** What a person does in a browser. */
import type { Page } from 'playwright-core'

/** Drags files onto the page, as a person does from a folder: the browser itself makes the events. */
export function dragFiles(page: Page, ...files: string[]): Promise<void> {
  return drag(page, files, ['dragEnter', 'dragOver'])
}

/** Drags files onto the page and drops them there. */
export function dropFiles(page: Page, ...files: string[]): Promise<void> {
  return drag(page, files, ['dragEnter', 'dragOver', 'drop'])
}

/** Takes dragged files off the page again. Chromium's own way to cancel a drag tells the page nothing of it. */
export async function dragAway(page: Page): Promise<void> {
  await page.evaluate(() => window.dispatchEvent(new DragEvent('dragleave')))
}

type Step = 'dragEnter' | 'dragOver' | 'drop'

async function drag(page: Page, files: string[], steps: readonly Step[]): Promise<void> {
  const devtools = await page.context().newCDPSession(page)
  const data = { items: [], files, dragOperationsMask: 1 }
  for (const type of steps) await devtools.send('Input.dispatchDragEvent', { type, x: 200, y: 300, data })
  await devtools.detach()
}
