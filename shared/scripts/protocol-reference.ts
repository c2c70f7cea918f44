/**
 * Writes the pages of the socket protocols into docs/: `npm run protocol --workspace shared`.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { PAGES } from './protocol-pages.ts'

const DOCS_FOLDER = new URL('../docs/', import.meta.url)

mkdirSync(DOCS_FOLDER, { recursive: true })
for (const [name, render] of Object.entries(PAGES)) {
  writeFileSync(new URL(name, DOCS_FOLDER), render())
  console.log(`Wrote docs/${name}`)
}
