/** The Chromium that tests, pictures and measurements use: the one that CHROMIUM names, or Debian's. */
import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

/** Where Chromium is; null on a machine without it. */
export function findChromium(): string | null {
  const path = process.env.CHROMIUM || '/usr/bin/chromium'
  return existsSync(path) ? path : null
}

/** Starts it with a profile of its own, and without anything that would reach for the network by itself. */
export function launchBrowser(): Promise<Browser> {
  const executablePath = findChromium()
  if (executablePath === null) throw new Error('There is no Chromium: install it, or name it in CHROMIUM')
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}
