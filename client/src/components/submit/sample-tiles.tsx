/** Tiles of the sample pictures; a click submits one. They stay in place, so they are fetched once only. */
import { useEffect } from 'react'
import { fetchSample, samplePath } from '../../api/samples.ts'
import { loadSamples, type Sample, useSamples } from '../../stores/samples.ts'
import { submitPhotos } from '../../stores/uploads.ts'
import { text } from '../../text/index.ts'
import { Skeleton } from '../ui/skeleton.tsx'

/** Tiles that are drawn until it is known how many there are. */
const EXPECTED = 8

export function SampleTiles() {
  const samples = useSamples((store) => store.samples)
  useEffect(loadSamples, [])
  if (samples?.length === 0) return null
  return (
    // The padding leaves room for the focus ring, which scrolling would cut off.
    <ul aria-label={text.submit.samples} className="-m-1 flex min-w-0 gap-2 overflow-x-auto p-1">
      {samples === null
        ? Array.from({ length: EXPECTED }, (_, position) => position).map((position) => (
            <li key={position}>
              <Skeleton className="size-14 rounded-md" />
            </li>
          ))
        : samples.map((sample) => <SampleTile key={sample.file} sample={sample} />)}
    </ul>
  )
}

function SampleTile({ sample: { file, title } }: { sample: Sample }) {
  return (
    <li className="shrink-0">
      <button
        type="button"
        title={title}
        aria-label={text.submit.sample(title)}
        className="block overflow-hidden rounded-md bg-sunken ring-1 ring-line transition-shadow hover:ring-2 hover:ring-accent"
        onClick={() => void submitPhotos([{ name: file, type: '', bytes: 0, read: () => fetchSample(file) }])}
      >
        <img src={samplePath(file)} alt="" width="56" height="56" className="size-14 object-cover" />
      </button>
    </li>
  )
}
