#!/usr/bin/env node
// In the repository, so that npm can link the command before anything is built.
import { existsSync } from 'node:fs'

const main = new URL('../dist/main.js', import.meta.url)
if (existsSync(main)) await import(main.href)
else {
  console.error('argus is not built yet: run "npm run build".')
  process.exit(1)
}
