// Draws the sample photos of the empty state: every SVG of this folder becomes a PNG in `public/samples`.
// The same pictures are the self-test of a model, so each one carries the ImageNet class it shows.

import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'

const samples = [
  { name: 'lighthouse', title: 'Lighthouse', classIndex: 437 },
  { name: 'ladybug', title: 'Ladybug', classIndex: 301 },
  { name: 'balloon', title: 'Hot-air balloon', classIndex: 417 },
  { name: 'guitar', title: 'Acoustic guitar', classIndex: 402 },
  { name: 'traffic-light', title: 'Traffic light', classIndex: 920 },
  { name: 'strawberry', title: 'Strawberry', classIndex: 949 },
  { name: 'hourglass', title: 'Hourglass', classIndex: 604 },
  { name: 'umbrella', title: 'Umbrella', classIndex: 879 },
]

const size = 512
const target = new URL('../public/samples/', import.meta.url)
await mkdir(target, { recursive: true })

for (const { name } of samples) {
  const svg = await readFile(new URL(`${name}.svg`, import.meta.url))
  const file = fileURLToPath(new URL(`${name}.png`, target))
  const { size: bytes } = await sharp(svg)
    .resize(size, size)
    .png({ palette: true, colours: 192, dither: 0.8, effort: 10 })
    .toFile(file)
  console.log(`${name}.png  ${(bytes / 1024).toFixed(1)} KB`)
}

const rows = samples.map(
  ({ name, title, classIndex }) =>
    `  { "file": "${name}.png", "title": "${title}", "classIndex": ${classIndex} }`,
)
await writeFile(new URL('index.json', target), `[\n${rows.join(',\n')}\n]\n`)
