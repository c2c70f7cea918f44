/** Examples of the messages on the sockets, for the pages that describe them. */
import type { Frame, News, Refusal, Snapshot, Subject, View } from '../src/board-protocol.ts'
import {
  type MasterToWorker,
  PROTOCOL_VERSION,
  type WorkerHello,
  type WorkerToMaster,
} from '../src/worker-protocol.ts'

/** What each event carries. */
type Messages<Events extends Record<string, (message: never) => void>> = {
  readonly [Name in keyof Events]: Parameters<Events[Name]>[0]
}

const TICKET = 'eyJqIjoiMDE5OGEwMDAifQ.3rW1kYb0vN8JcQ'
const OTHER_TICKET = 'eyJqIjoiMDE5OGEwMDEifQ.Zt5uXo2LhD7fMw'
const THIRD_TICKET = 'eyJqIjoiMDE5OGEwMDIifQ.pA9sEe4GqR1iVy'
const BOOT_ID = '6f1c2a52-0d4b-4b0e-9c59-2f6f3f1f7a10'
const JOB_ID = '0198a000-0000-7000-8000-000000000000'
const MODEL_DIGEST = '4be1'.repeat(16)
const IMAGE_SHA256 = '9c07'.repeat(16)

export const HELLO: WorkerHello = {
  token: 'the worker token',
  protocol: PROTOCOL_VERSION,
  bootId: BOOT_ID,
  name: 'attic',
  slots: 4,
  prefetch: 4,
  draining: false,
  held: [],
}

/** One message of each of the workers' events. */
export const EXAMPLES: Messages<WorkerToMaster> & Messages<MasterToWorker> = {
  ready: { digest: MODEL_DIGEST, engine: 'tfjs-wasm', imagesPerSecond: 21.4 },
  modelRefused: {
    digest: MODEL_DIGEST,
    code: 'model/self-test',
    detail: 'The sample "Goldfish" was taken for a tench.',
  },
  beat: { tickets: [TICKET, OTHER_TICKET], usage: { cpu: 1.87, rssBytes: 412_000_000 } },
  outcomes: [
    {
      end: 'succeeded',
      ticket: TICKET,
      digest: MODEL_DIGEST,
      engine: 'tfjs-wasm',
      classes: [
        { index: 1, probability: 0.93 },
        { index: 0, probability: 0.04 },
      ],
      timings: { fetch: 6.2, wait: 0, decode: 31.5, classify: 46.8 },
      thumbnail: { type: 'image/webp', bytes: new Uint8Array(4812) },
    },
    {
      end: 'failed',
      ticket: OTHER_TICKET,
      code: 'image/unreadable',
      detail: 'The JPEG data end in the middle.',
    },
    { end: 'returned', ticket: THIRD_TICKET },
  ],
  draining: { draining: true },
  welcome: {
    claims: [
      { ticket: TICKET, answer: 'continue' },
      { ticket: OTHER_TICKET, answer: 'drop' },
    ],
  },
  model: {
    digest: MODEL_DIGEST,
    name: 'MobileNet V2',
    interpretation: {
      format: 'graph-model',
      inputRange: [-1, 1],
      classOffset: 1,
      activation: 'logits',
    },
    files: [
      { name: 'model.json', bytes: 168_412, sha256: '51d2'.repeat(16) },
      { name: 'group1-shard1of1.bin', bytes: 14_122_880, sha256: 'e08a'.repeat(16) },
    ],
  },
  assign: [
    {
      ticket: TICKET,
      jobId: JOB_ID,
      image: { sha256: IMAGE_SHA256, type: 'image/jpeg', width: 4032, height: 3024 },
    },
  ],
  answers: [
    { ticket: TICKET, answer: 'recorded' },
    { ticket: OTHER_TICKET, answer: 'obsolete' },
  ],
  revoke: [THIRD_TICKET],
  drain: { draining: true },
}

export const SNAPSHOT: Snapshot = {
  bootId: BOOT_ID,
  seq: 17,
  counts: { QUEUED: 0, RUNNING: 1, SUCCEEDED: 0, FAILED: 0, CANCELLED: 0 },
  cluster: {
    ready: true,
    storage: { database: 'ok', disk: 'ok' },
    model: { state: 'serving', name: 'MobileNet V2', digest: MODEL_DIGEST },
    workers: [
      {
        id: BOOT_ID,
        name: 'attic',
        state: 'ready',
        engine: 'tfjs-wasm',
        imagesPerSecond: 21.4,
        slots: 4,
        busy: 1,
        held: 1,
      },
    ],
  },
  limits: { maxUploadBytes: 50_000_000, maxPixels: 50_000_000 },
  rows: [
    {
      id: JOB_ID,
      revision: 7,
      status: 'RUNNING',
      fileName: 'holiday.jpg',
      owner: '192.0.2.7',
      batch: null,
      truth: null,
      thumbnailUrl: null,
      submittedAt: '2025-08-01T09:30:00.000Z',
      queuedAt: '2025-08-01T09:30:00.000Z',
      startedAt: '2025-08-01T09:30:00.041Z',
      endedAt: null,
      run: 1,
      attempts: 1,
      worker: 'attic',
      reused: false,
      error: null,
      best: null,
    },
  ],
  isLast: true,
  total: 1,
  ahead: 0,
}

export const VIEW: View = {
  filter: { status: ['RUNNING'] },
  sort: '-submitted',
  limit: 60,
  after: null,
  top: null,
}

export const FRAME: Frame = {
  bootId: BOOT_ID,
  seq: 18,
  counts: { QUEUED: 0, RUNNING: 0, SUCCEEDED: 1, FAILED: 0, CANCELLED: 0 },
  rows: [],
  left: [JOB_ID],
  isLast: true,
  total: 0,
}

export const SUBJECT: Subject = { of: 'batch', id: '0198a000-0000-7000-8000-000000000001' }

export const NEWS: News = {
  of: 'batch',
  id: '0198a000-0000-7000-8000-000000000001',
  batch: null,
  classes: null,
}

export const REFUSAL: Refusal = { code: 'batch/not-found', title: 'There is no such batch' }
