/** The pages of the socket protocols: prose, and what zod says about each message. */
import type { z } from 'zod'
import { batchClassesSchema, batchSchema } from '../src/batch.ts'
import {
  frameSchema,
  jobRowSchema,
  MAX_SUBJECTS,
  newsSchema,
  refusalSchema,
  snapshotSchema,
  subjectSchema,
  viewSchema,
} from '../src/board-protocol.ts'
import { jobDetailSchema } from '../src/job.ts'
import { PROBLEMS, type ProblemCode, problemCodeSchema } from '../src/problems.ts'
import { activitySchema, masterFiguresSchema, workerFiguresSchema } from '../src/statistics.ts'
import { BOARD_NAMESPACE } from '../src/vocabulary.ts'
import { clusterViewSchema } from '../src/worker.ts'
import {
  BEAT_MS,
  LEASE_MS,
  MASTER_TO_WORKER,
  MAX_THUMBNAIL_BYTES,
  type MasterToWorker,
  PROTOCOL_VERSION,
  WORKER_NAMESPACE,
  WORKER_TO_MASTER,
  WORKER_TOKEN_FILE,
  type WorkerToMaster,
  workerHelloSchema,
} from '../src/worker-protocol.ts'
import { EXAMPLES, FRAME, HELLO, NEWS, REFUSAL, SNAPSHOT, SUBJECT, VIEW } from './protocol-examples.ts'
import { type Links, markdownTable, renderExample, renderShape } from './render-protocol.ts'

interface ProtocolEvent {
  readonly schema: z.ZodType
  readonly summary: string
}

const GENERATED =
  '<!-- Made from the source by `npm run protocol --workspace shared`: edit shared/scripts/protocol-pages.ts. -->'

// The workers' page

const WORKER_LINKS: Links = new Map([[problemCodeSchema, '[problem code](#problem-codes)']])

const said = (code: ProblemCode) => `\`${code}\``
const toMaster = (event: keyof WorkerToMaster, what: string) => `Worker->>Master: ${event}: ${what}`
const toWorker = (event: keyof MasterToWorker, what: string) => `Master->>Worker: ${event}: ${what}`

const LIFE = `sequenceDiagram
  participant Worker
  participant Master
  Worker->>Master: WebSocket handshake, namespace ${WORKER_NAMESPACE}, the hello in auth
  alt a token or the version is wrong
    Master-->>Worker: connect_error with a problem code
  else it is let in
    Master-->>Worker: connect
  end
  ${toWorker('welcome', 'which of the held attempts go on')}
  ${toWorker('model', 'digest, interpretation, files')}
  Worker->>Master: GET /api/v1/models/… for each file
  Master-->>Worker: the files
  Note over Worker: tests the model
  alt it recognises the sample pictures
    ${toMaster('ready', 'digest, engine, photos a second')}
  else it does not
    ${toMaster('modelRefused', 'digest and problem code')}
  end
  loop every ${BEAT_MS} ms
    ${toMaster('beat', 'tickets of the attempts it holds')}
  end
  loop while there is work
    ${toWorker('assign', 'tickets and images')}
    Worker->>Master: GET /api/v1/images/…, x-argus-ticket
    Master-->>Worker: the photo
    Note over Worker: decodes and classifies
    ${toMaster('outcomes', 'succeeded, failed or returned')}
    ${toWorker('answers', 'recorded or obsolete')}
  end
  opt a job ended without the worker
    ${toWorker('revoke', 'tickets')}
    Note over Worker: skips or drops them
  end
  alt someone drains it by REST
    ${toWorker('drain', 'draining is true')}
  else it was told to end
    ${toMaster('draining', 'draining is true')}
  end
  ${toMaster('outcomes', 'of what was begun, and returned for the rest')}
  ${toWorker('answers', 'to all of them')}
  Worker->>Master: disconnect`

const WORKER_INTRODUCTION = `# The workers' protocol

A worker is any program that takes photos from the master and returns what it recognised in them. It speaks
Socket.IO (protocol 5, which clients of the versions 3 and 4 speak) and fetches bytes over HTTP. Here is all
that one in another language has to know.

## Connecting

The namespace is \`${WORKER_NAMESPACE}\`, at the address of the master, under the usual path \`/socket.io/\`. Use the
WebSocket transport at once, without polling first. The handshake's \`auth\` is the [hello](#hello).

The worker token stands in the file \`${WORKER_TOKEN_FILE}\` of the master's data folder. Where the master has an access
token, all its doors are closed to who shows none, and the worker token opens those that a worker needs: send
\`Authorization: Bearer <worker token>\` with the WebSocket's handshake and with each HTTP request. Where there
is none, the header does no harm.

There are two places at which a worker can be refused:

- At the door, before there is a socket: ${said('door/host')}, where the address that was called is no allowed name
  of the master, ${said('door/origin')}, where an \`Origin\` header names another one, and ${said('auth/required')}. A
  WebSocket client sees no more than that it failed; \`GET /samples/index.json\` with the same headers is
  answered with a problem document that has the \`code\`.
- At the namespace: the client gets a \`connect_error\`, the \`data\` of which is \`{ "code": …, "detail": … }\`. The
  code is ${said('auth/required')} where the token of the hello is wrong, ${said('protocol/version')} where master and worker
  speak different versions, and ${said('protocol/malformed')} where the hello has not the form below.

After a refusal at the namespace, and after a disconnect by the master, Socket.IO clients do not try again by
themselves. Do so every few seconds: someone may mend the token or update the older side.

The master checks each message. One that does not follow its schema ends the connection. Properties that are
not named here are ignored, on both sides.

## A worker's life

1. **Hello.** The worker connects. It is answered \`welcome\`, which says for each attempt that it still holds
   from an earlier connection whether to go on.
2. **Model.** \`model\` names the model; it comes again whenever another one is to be served. Its files are at
   \`GET /api/v1/models/<digest>/<file name>\`. Test it before you serve it: \`GET /samples/index.json\` lists
   pictures, which are at \`GET /samples/<file>\`, and the best class of each must be the one listed. Then say
   \`ready\`, or \`modelRefused\`.
3. **Work.** \`assign\` brings attempts, at most as many as \`slots\` and \`prefetch\` of the hello together. An
   attempt is named by its ticket, a string that means something to the master alone. The photo is at
   \`GET /api/v1/images/<sha256>\`, with the ticket in the header \`x-argus-ticket\`. Where that fails, try again;
   where it keeps failing, the outcome is \`returned\`, and after a 404 \`failed\` with ${said('image/not-found')}.
4. **Outcomes.** What became of attempts goes back as \`outcomes\`, those of one moment in one message, but no
   more than ten: Socket.IO refuses messages with more binary attachments, and each thumbnail is one. Keep each
   outcome until \`answers\` names its ticket; an unanswered one is sent again after a reconnect.
5. **Beats.** Every ${BEAT_MS} ms \`beat\` names all attempts that the worker holds: those that wait, those that have
   begun, and those whose outcome is unanswered. One that no beat has named for ${LEASE_MS} ms is taken away and given
   to another worker. Leave out those that hang.
6. **Revoked.** \`revoke\` names attempts that nobody waits for any more. Skip those that have not begun, and drop
   the outcome of the others.
7. **Draining.** After \`drain\`, or when the worker itself was told to end and has said \`draining\`, it finishes
   what it has begun and gives back the rest as \`returned\`.
8. **Goodbye.** There is no message for it. When the last outcome is answered, disconnect.

When the connection breaks, go on working, and say nothing that the next connection would carry late.
Reconnect with the same \`bootId\` and a new hello, in which \`held\` has the tickets of the attempts that have no
outcome yet; then send the unanswered outcomes and a beat. Socket.IO's acknowledgements carry nothing here.

\`\`\`mermaid
${LIFE}
\`\`\`

## Recognising

So that all workers come to the same result: turn the photo upright by its EXIF orientation, scale its short
side to 256 pixels, cut out the middle 224 × 224, and scale each of red, green and blue from 0 to 255 to the
model's \`inputRange\`. Of the outputs skip \`classOffset\`, after a softmax where \`activation\` is \`logits\`; the 1000
that follow are the classes.`

function workerPage(): string {
  return page([
    WORKER_INTRODUCTION,
    '## Constants',
    markdownTable(
      ['Name', 'Value', 'Meaning'],
      [
        ['`PROTOCOL_VERSION`', `${PROTOCOL_VERSION}`, 'Stands in the hello. Each side speaks one version.'],
        ['`BEAT_MS`', `${BEAT_MS}`, 'Milliseconds from one beat to the next.'],
        ['`LEASE_MS`', `${LEASE_MS}`, 'Milliseconds after which an attempt without a beat is taken away.'],
        ['`MAX_THUMBNAIL_BYTES`', `${MAX_THUMBNAIL_BYTES}`, 'A larger thumbnail is a defect of the worker.'],
      ],
    ),
    '## Hello',
    '`auth` of the Socket.IO handshake, sent by the worker with each connection.',
    ...message('hello', workerHelloSchema, HELLO, WORKER_LINKS),
    '## From the worker to the master',
    'Byte strings travel as binary attachments of Socket.IO. In the examples `<4,812 bytes>` stands for one.',
    ...events(WORKER_TO_MASTER),
    '## From the master to the worker',
    ...events(MASTER_TO_WORKER),
    '## Problem codes',
    'The part before the slash says who or what is at fault. A worker reports `image/…`, `model/…` and `worker/…`.',
    markdownTable(
      ['Code', 'Title'],
      Object.entries(PROBLEMS).map(([code, { title }]) => [`\`${code}\``, title]),
    ),
  ])
}

function events(table: Readonly<Record<string, ProtocolEvent>>): string[] {
  const examples: Readonly<Record<string, unknown>> = EXAMPLES
  return Object.entries(table).flatMap(([name, { schema, summary }]) => [
    `### \`${name}\``,
    summary,
    ...message(name, schema, examples[name], WORKER_LINKS),
  ])
}

// The boards' page

const REST = 'where the API is described, at `/api/` of the master'

const BOARD_LINKS: Links = new Map<z.ZodType, string>([
  [jobRowSchema, '[row](#row)'],
  [clusterViewSchema, '[cluster view](#cluster-view)'],
  [problemCodeSchema, '[problem code](worker-protocol.md#problem-codes)'],
  [jobDetailSchema, '`JobDetail`'],
  [batchSchema, '`Batch`'],
  [batchClassesSchema, '`BatchClasses`'],
  [masterFiguresSchema, '`MasterFigures`'],
  [workerFiguresSchema, '`WorkerFigures`'],
  [activitySchema, '`Activity`'],
])

const BOARD_INTRODUCTION = `# The boards' protocol

What the master pushes to a job board, over Socket.IO on the namespace \`${BOARD_NAMESPACE}\`. Where the master has an
access token, the handshake must bring it, as \`Authorization: Bearer <access token>\`; a browser's session does
as well, and the workers' token does not. Who has none is refused with a \`connect_error\`, the \`data\` of which
has the code ${said('auth/required')}.

## The view

A board shows a window of a list of jobs. It sends \`open\` and gets a snapshot as the acknowledgement; then frames
follow, numbered from the snapshot's number on. A gap in the numbers, or another \`bootId\`, means that the board
must open its view again. A board has one view: another \`open\` takes its place, and what comes before that is
acknowledged still belongs to the view before.

To apply a frame: take out the rows named by \`left\`, put in \`rows\` in the place of those with the same id, sort by
the list's order, and keep the first \`limit\`. What a frame leaves out has not changed.

A board is sent at most ten frames a second, and 64 KB a second. When changes outrun that, frames grow rarer and
carry the latest state only. Where most of the rows have changed, the master sends the whole view as \`snapshot\`
by itself, at most once a second; frames are numbered from it on.

## Subjects

Beside its view a board watches up to ${MAX_SUBJECTS} subjects: it sends \`watch\`, is answered \`{ "news": … }\` or
\`{ "refusal": … }\`, and then gets \`news\` with the whole latest state whenever it changes, until it sends \`unwatch\` with
the same subject. What \`JobDetail\`, \`Batch\`, \`BatchClasses\`, \`MasterFigures\`, \`WorkerFigures\` and \`Activity\` have in them
stands ${REST}.

After a reconnect a board opens its view and watches its subjects again.`

function boardPage(): string {
  return page([
    BOARD_INTRODUCTION,
    '## `open`',
    'From the board to the master: its view.',
    ...message('open', viewSchema, VIEW, BOARD_LINKS),
    '### Its acknowledgement, and `snapshot`',
    'From the master to the board: the whole view.',
    ...message('snapshot', snapshotSchema, SNAPSHOT, BOARD_LINKS),
    '## `frame`',
    'From the master to the board: what has changed since the frame or snapshot before.',
    ...message('frame', frameSchema, FRAME, BOARD_LINKS),
    '## `watch` and `unwatch`',
    'From the board to the master: a subject. `watch` is acknowledged with `{ "news": … }` or `{ "refusal": … }`.',
    ...message('watch', subjectSchema, SUBJECT, BOARD_LINKS),
    '## `news`',
    'From the master to the board: a subject as it is now.',
    ...message('news', newsSchema, NEWS, BOARD_LINKS),
    '## Refusal',
    'Why a subject cannot be watched.',
    ...message('refusal', refusalSchema, REFUSAL, BOARD_LINKS),
    '## Row',
    renderShape('a row', jobRowSchema, BOARD_LINKS),
    '## Cluster view',
    renderShape('a cluster view', clusterViewSchema, BOARD_LINKS),
  ])
}

// What both have

/** @param name for whoever reads that it cannot be rendered */
function message(name: string, schema: z.ZodType, example: unknown, links: Links): string[] {
  return [renderShape(name, schema, links), renderExample(name, schema, example)]
}

function page(blocks: readonly string[]): string {
  return `${[GENERATED, ...blocks].join('\n\n')}\n`
}

/** What renders each file of docs/. */
export const PAGES: Readonly<Record<string, () => string>> = {
  'worker-protocol.md': workerPage,
  'board-protocol.md': boardPage,
}
