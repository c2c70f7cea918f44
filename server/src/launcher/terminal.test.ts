import { PassThrough } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { Terminal } from './terminal.ts'

/** A screen that remembers all that was written; cli-progress asks it for more than a stream has. */
function screen(isTTY: boolean) {
  const stream = new PassThrough()
  let written = ''
  stream.on('data', (text) => {
    written += text
  })
  return { output: Object.assign(stream, { isTTY, columns: 100, rows: 30 }), written: () => written }
}

const fetching = { state: 'fetching', name: 'MobileNet', receivedBytes: 0, totalBytes: 39_600_000 } as const

it('draws a bar with megabytes while a model is fetched, and lines above it', async () => {
  const { output, written } = screen(true)
  const terminal = new Terminal(output)
  terminal.showFetching(fetching)
  terminal.showFetching({ ...fetching, receivedBytes: 12_300_000 })
  terminal.say('A line between')
  await sleep(300)
  terminal.showFetching(null)
  terminal.say('Afterwards')
  expect(written()).toContain('Fetching MobileNet')
  expect(written()).toContain('12.3 of 39.6 MB')
  expect(written()).toContain('A line between')
  expect(written()).toContain('Afterwards')
})

it('counts megabytes where the source does not tell how many there are', async () => {
  const { output, written } = screen(true)
  const terminal = new Terminal(output)
  terminal.showFetching({ ...fetching, totalBytes: null, receivedBytes: 4_200_000 })
  await sleep(300)
  terminal.showFetching(null)
  expect(written()).toContain('4.2 MB')
})

it('makes log lines readable and shows other output as it is', async () => {
  const { output, written } = screen(false)
  const logs = new PassThrough()
  new Terminal(output).showLogs(logs)
  logs.write('{"level":40,"time":1700000000000,"name":"master","msg":"Something is odd"}\n')
  logs.write('plain words\n')
  await sleep(100)
  expect(written()).toMatch(/WARN.*Something is odd/)
  expect(written()).toContain('plain words')
})
