/** The sample pictures in the master's folder `/samples/`. */
import type { SampleSet } from '@argus/shared'
import { text } from '../text.ts'
import { Failure, failureFrom } from './failure.ts'

const FOLDER = '/samples/'

/** Where a sample picture is. */
export function samplePath(file: string): string {
  return FOLDER + encodeURIComponent(file)
}

async function get(file: string): Promise<Response> {
  const answer = await fetch(samplePath(file)).catch(() => {
    throw new Failure(text.failures.unreachable, text.failures.unreachableDetail)
  })
  if (!answer.ok) throw failureFrom(answer.status, await answer.text())
  return answer
}

/** Reads the list of samples. It is built into the same release as this app, so its form is known. */
export async function fetchSamples(): Promise<SampleSet> {
  return (await get('index.json')).json()
}

/** Reads one picture. */
export async function fetchSample(file: string): Promise<Blob> {
  return (await get(file)).blob()
}
