/** The list of the job board where there are more jobs than it shows at a time: filters, scrolling, choosing, keys. */
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { type Job, type JobPage, jobPageSchema, jobSchema } from '@argus/shared'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { TestCluster } from '../../server/testing/cluster.ts'
import { SAMPLES_DIR } from '../../server/testing/test-data.ts'
import { text } from '../src/text/index.ts'
import { findChromium, launchBrowser } from './chromium.ts'
import { becomes, rows, Visit } from './visit.ts'

const LIGHTHOUSE = join(SAMPLES_DIR, 'lighthouse.png')
const GUITAR = join(SAMPLES_DIR, 'guitar.png')
/** Whose photos there are many of. */
const CROWD = 'crowd'
const CROWD_SIZE = 300
const SCREEN = { width: 1280, height: 800 }

describe.skipIf(findChromium() === null)('the list of jobs', () => {
  let cluster: TestCluster
  let browser: Browser
  let visit: Visit
  let page: Page

  beforeAll(async () => {
    cluster = await TestCluster.start({ workerEnv: { THREADS: '1' } })
    browser = await launchBrowser()
    await cluster.ready()
    for (const photo of [LIGHTHOUSE, GUITAR]) await submit(photo, 'anna', { prefer: 'wait=60' })
    // The first one is recognised; the same photo of the same owner then has a result at once.
    await submit(LIGHTHOUSE, CROWD, { prefer: 'wait=60' })
    for (let photo = 1; photo < CROWD_SIZE; photo += 10) {
      const some = Math.min(10, CROWD_SIZE - photo)
      await Promise.all(Array.from({ length: some }, () => submit(LIGHTHOUSE, CROWD)))
    }
  })
  afterAll(async () => {
    await browser?.close()
    await cluster?.stop()
  })

  beforeEach(async () => {
    visit = await Visit.begin(browser, cluster.url, SCREEN)
  })
  afterEach(() => visit.end())

  async function open(query = ''): Promise<void> {
    page = await visit.openBoard(query)
  }

  async function submit(photo: string, owner: string, headers: Record<string, string> = {}): Promise<Job> {
    const form = new FormData()
    form.append('image', new Blob([await readFile(photo)]), basename(photo))
    const url = `${cluster.url}/api/v1/jobs?owner=${owner}`
    return jobSchema.parse(await (await fetch(url, { method: 'POST', body: form, headers })).json())
  }

  async function list(query: string): Promise<JobPage> {
    return jobPageSchema.parse(await (await fetch(`${cluster.url}/api/v1/jobs?${query}`)).json())
  }

  /** Ids of all jobs, the newest first. */
  async function allIds(): Promise<string[]> {
    const ids: string[] = []
    for (let next: string | null = ''; next !== null; ) {
      const cursor: string = next === '' ? '' : `&cursor=${encodeURIComponent(next)}`
      const found: JobPage = await list(`limit=100${cursor}`)
      ids.push(...found.jobs.map(({ id }) => id))
      next = found.next
    }
    return ids
  }

  /** Those of the drawn rows that can be seen, from the top. */
  function onScreen(): Promise<{ id: string; y: number; isLive: boolean }[]> {
    return rows(page).evaluateAll((elements) => {
      const covered = document.querySelector('thead')?.getBoundingClientRect().bottom ?? 0
      return elements
        .map((row) => ({ box: row.getBoundingClientRect(), row }))
        .filter(({ box }) => box.bottom > covered && box.top < window.innerHeight)
        .map(({ box, row }) => ({
          id: row.getAttribute('data-job-id') ?? '',
          y: Math.round(box.top),
          isLive: !row.classList.contains('stale'),
        }))
    })
  }

  /** Returns when rows that are live fill the screen: for a moment there may be those alone that were there before. */
  async function scrollTo(y: number): Promise<void> {
    await page.evaluate(async (top) => {
      window.scrollTo(0, top)
      // The page hears of it with the next frame.
      for (const _ of [1, 2]) await new Promise(requestAnimationFrame)
    }, y)
    await expect
      .poll(async () => (await isFilled()) && (await onScreen()).every(({ isLive }) => isLive))
      .toBe(true)
  }

  function isFilled(): Promise<boolean> {
    return rows(page).evaluateAll((elements) => {
      const bottom = Math.max(...elements.map((row) => row.getBoundingClientRect().bottom))
      // Where the list ends above the end of the screen, its last row does.
      const end = document.querySelector('tbody')?.getBoundingClientRect().bottom ?? 0
      return bottom >= Math.min(end, window.innerHeight) - 1
    })
  }

  const query = () => new URL(page.url()).searchParams.toString()
  const count = (status: string) => page.locator(`[data-count=${status}] button`)
  const total = () => page.locator('[data-total]').getAttribute('data-total')
  const button = (name: string) => page.getByRole('button', { name, exact: true })

  it('keeps what is asked for in its address, and goes back and forth in it', async () => {
    await open()
    const search = page.getByRole('textbox', { name: text.filters.search })
    await search.fill('acoustic guitar')
    await expect.poll(query).toBe('class=acoustic+guitar')
    await expect.poll(total).toBe('1')
    expect(await rows(page).first().textContent()).toContain('guitar.png')

    await button(text.filters.clearAll).click()
    await expect.poll(total).toBe(String(CROWD_SIZE + 2))
    await page.goBack()
    await expect.poll(query).toBe('class=acoustic+guitar')
    await expect.poll(() => search.inputValue()).toBe('acoustic guitar')
    await expect.poll(total).toBe('1')
    await page.goBack()
    await expect.poll(query).toBe('')

    await page.getByLabel(text.filters.searchIn).selectOption('fileName')
    await search.fill('light')
    await expect.poll(query).toBe('fileName=light')
    await expect.poll(total).toBe(String(CROWD_SIZE + 1))
  })

  it('filters by status with the counts, and says where nothing matches', async () => {
    await open()
    expect(await count('SUCCEEDED').textContent()).toBe(`Succeeded${CROWD_SIZE + 2}`)
    await count('FAILED').click()
    await page.getByText(text.filters.nothing).waitFor()
    expect(query()).toBe('status=FAILED')
    await count('SUCCEEDED').click()
    await expect.poll(query).toBe('status=FAILED&status=SUCCEEDED')
    await expect.poll(() => rows(page).count()).toBeGreaterThan(5)
    await count('SUCCEEDED').click()
    await page.getByText(text.filters.nothing).waitFor()
    await page.getByRole('main').getByText(text.filters.clearAll).last().click()
    await expect.poll(total).toBe(String(CROWD_SIZE + 2))
  })

  it('reads every filter and the order from a link, and says what it left out', async () => {
    await open('?owner=anna&sort=submitted&submittedAfter=2020-01-01T00:00:00Z&batch=12&status=LOST')
    await expect.poll(() => rows(page).count()).toBe(2)
    const invalid = [text.filters.names.status, text.filters.names.batch]
    await page.getByText(text.filters.invalid(invalid)).waitFor()
    expect(await rows(page).first().textContent()).toContain('lighthouse.png')
    await page.getByLabel(text.jobs.sort).selectOption('-submitted')
    await expect.poll(() => rows(page).first().textContent()).toContain('guitar.png')

    await page.getByRole('button', { name: text.filters.button }).click()
    const panel = page.getByRole('region', { name: text.filters.heading })
    expect(await panel.getByLabel(text.filters.names.owner).inputValue()).toBe('anna')
    await panel.getByLabel(text.filters.names.fileName).fill('light')
    await panel.getByRole('button', { name: text.filters.apply }).click()
    await expect.poll(() => rows(page).count()).toBe(1)
    await button(text.filters.remove(`${text.filters.names.owner}: anna`)).click()
    await expect.poll(total).toBe(String(CROWD_SIZE + 1))
  })

  it('draws the whole list as one scrolls, each row live, without asking over HTTP', async () => {
    await open()
    visit.requests.length = 0
    const expected = await allIds()
    expect(expected).toHaveLength(CROWD_SIZE + 2)
    const seen = new Set((await onScreen()).map(({ id }) => id))
    for (let step = 0; seen.size < expected.length && step < 60; step += 1) {
      await scrollTo(await page.evaluate(() => window.scrollY + 500))
      for (const { id } of await onScreen()) seen.add(id)
    }
    expect([...seen]).toEqual(expected)
    expect(await rows(page).count()).toBeLessThan(40)
    expect(visit.requests.filter((request) => !request.endsWith('/thumbnail'))).toEqual([])
  })

  it('holds what is read while jobs come, counts them, and leads back to them', async () => {
    await open()
    await scrollTo(2_000)
    const before = await onScreen()
    const come = [
      await submit(LIGHTHOUSE, CROWD),
      await submit(LIGHTHOUSE, CROWD),
      await submit(LIGHTHOUSE, CROWD),
    ]
    const pill = page.locator('[data-newer]')
    await expect.poll(() => pill.textContent()).toBe(text.jobs.arrived(3, false))
    expect(await onScreen()).toEqual(before)

    // What is far below is as live as what is at the top; what stands behind it moves up.
    const [, gone, next] = before
    await fetch(`${cluster.url}/api/v1/jobs/${gone?.id}`, { method: 'DELETE' })
    await expect.poll(async () => (await onScreen()).map(({ id }) => id)).not.toContain(gone?.id)
    expect((await onScreen()).find(({ id }) => id === next?.id)?.y).toBe(gone?.y)

    await pill.click()
    await expect.poll(async () => (await onScreen())[0]?.id).toBe(come.at(-1)?.id)
    expect(await pill.isVisible()).toBe(false)
  })

  it('holds still just below the top, too', async () => {
    await open()
    const first = await rows(page).first().getAttribute('data-job-id')
    const y = await page.locator('tbody').evaluate((body) => body.getBoundingClientRect().top - 56 - 36 + 30)
    await scrollTo(y)
    const before = (await onScreen()).find(({ id }) => id === first)?.y
    const newest = await submit(LIGHTHOUSE, CROWD)
    await page.locator(`[data-job-id="${newest.id}"]`).waitFor({ state: 'attached' })
    expect((await onScreen()).find(({ id }) => id === first)?.y).toBe(before)
  })

  it('comes back from a job to where it was left', async () => {
    await open()
    await scrollTo(2_000)
    const before = await onScreen()
    const [, , chosen] = before
    await page.locator(`[data-job-id="${chosen?.id}"]`).click()
    await page.waitForURL(`**/jobs/${chosen?.id}`)
    await page.goBack()
    await expect.poll(onScreen).toEqual(before)
  })

  it('acts on the jobs that are chosen, and says what was refused', async () => {
    await open(`?owner=${CROWD}`)
    const box = (place: number) => rows(page).nth(place).getByRole('checkbox')
    await box(1).click()
    await box(4).click({ modifiers: ['Shift'] })
    await page.getByText(text.selection.selected(4)).waitFor()
    expect(await page.locator('[data-action=cancel]').isDisabled()).toBe(true)
    const refusedId = await rows(page).nth(2).getAttribute('data-job-id')
    await page.route(`**/jobs/${refusedId}/retry`, (route) =>
      route.fulfill({
        status: 409,
        contentType: 'application/problem+json',
        body: '{"title":"It will not"}',
      }),
    )
    await page.locator('[data-action=retry]').click()
    await page.getByText(text.selection.refused(1, [text.selection.because('It will not', 1)])).waitFor()
    await page.getByText(text.selection.selected(1)).waitFor()
    expect(visit.complaints.splice(0)).toEqual([expect.stringContaining('409')])
    const retried = await cluster.job((await rows(page).nth(1).getAttribute('data-job-id')) ?? '')
    expect(retried.run).toBe(2)
    await button(text.selection.clear).click()
    await expect.poll(() => page.locator('[data-action]').count()).toBe(0)

    await box(0).click()
    await box(2).click({ modifiers: ['Shift'] })
    const ids = await rows(page).evaluateAll((all) =>
      all.slice(0, 3).map((row) => row.getAttribute('data-job-id')),
    )
    await page.locator('[data-action=delete]').click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText(text.deletion.title(3)).waitFor()
    await dialog.getByRole('button', { name: text.deletion.action }).click()
    await page.getByText(text.selection.done.delete(3)).waitFor()
    for (const id of ids) await page.locator(`[data-job-id="${id}"]`).waitFor({ state: 'detached' })
  })

  it('cancels the jobs that are chosen', async () => {
    await open()
    const [worker] = cluster.workers
    worker?.kill('SIGSTOP')
    for (let photo = 0; photo < 3; photo += 1) await cluster.submit(GUITAR)
    await expect
      .poll(() => page.locator('tr:is([data-status=QUEUED], [data-status=RUNNING])').count())
      .toBe(3)
    await rows(page).first().getByRole('checkbox').click()
    await rows(page)
      .nth(2)
      .getByRole('checkbox')
      .click({ modifiers: ['Shift'] })
    await page.locator('[data-action=cancel]').click()
    await page.getByText(text.selection.done.cancel(3)).waitFor()
    for (const place of [0, 1, 2]) await becomes(rows(page).nth(place), 'CANCELLED')
    worker?.kill('SIGCONT')
  })

  it('is used by keys alone', async () => {
    await open()
    const ids = await rows(page).evaluateAll((all) => all.map((row) => row.getAttribute('data-job-id')))
    const cursor = page.locator('tr[data-cursor]')
    for (const key of ['j', 'ArrowDown', 'j', 'k']) await page.keyboard.press(key)
    await expect.poll(() => cursor.getAttribute('data-job-id')).toBe(ids[1])
    await page.keyboard.press('x')
    await page.getByText(text.selection.selected(1)).waitFor()
    await page.keyboard.press('Escape')
    await expect.poll(() => page.locator('[data-action]').count()).toBe(0)
    for (let press = 0; press < 10; press += 1) await page.keyboard.press('j')
    await expect.poll(async () => (await onScreen()).map(({ id }) => id)).toContain(ids[11] ?? 'not drawn')

    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: text.keys.heading }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.keyboard.press('/')
    // What is typed moves nothing.
    await page.keyboard.type('jx?')
    await expect.poll(query).toBe('class=jx%3F')
    await page.keyboard.press('Escape')
    await expect.poll(query).toBe('')
    await page.keyboard.press('Escape')
    await page.keyboard.press('j')
    const id = await cursor.getAttribute('data-job-id')
    await page.keyboard.press('Enter')
    await page.waitForURL(`**/jobs/${id}`)
  })

  it('deletes all that match, whether loaded or not, and leaves the others', async () => {
    await open(`?owner=${CROWD}`)
    await expect.poll(total).not.toBeNull()
    const { total: matching } = await list(`owner=${CROWD}&limit=1`)
    await button(text.deletion.buttonFiltered).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText(text.deletion.title(Number(matching))).waitFor()
    await dialog.getByRole('button', { name: text.deletion.action }).click()
    await page.getByText(text.filters.nothing, { exact: true }).waitFor()
    expect((await list(`owner=${CROWD}`)).jobs).toEqual([])
    expect((await list('owner=anna')).jobs).toHaveLength(2)
  })
})
