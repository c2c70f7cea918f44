/** The REST door: the Express app with its routes, and the web app's files. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import compression from 'compression'
import express, { type Express } from 'express'
import helmet from 'helmet'
import type { Doors } from '../auth/doors.ts'
import type { Tickets } from '../auth/tickets.ts'
import type { Config } from '../config.ts'
import type { EventStreams } from '../events/event-streams.ts'
import type { BatchService } from '../jobs/batch-service.ts'
import type { Dispatcher } from '../jobs/dispatcher.ts'
import type { JobService } from '../jobs/job-service.ts'
import type { Logger } from '../log.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { ModelService } from '../models/model-service.ts'
import type { MasterFigures } from '../statistics/master-figures.ts'
import type { Statistics } from '../statistics/statistics.ts'
import type { DiskGuard } from '../store/disk-guard.ts'
import type { ImageStore } from '../store/image-store.ts'
import type { StorageWatch } from '../store/storage-watch.ts'
import type { ClusterWatch } from '../workers/cluster-watch.ts'
import type { WorkerRegistry } from '../workers/worker-registry.ts'
import { admission } from './admission.ts'
import { batchOperations } from './batches.ts'
import { eventOperations } from './events.ts'
import { healthOperations } from './health.ts'
import { imageOperations } from './images.ts'
import { jobOperations } from './jobs.ts'
import { metricsOperations } from './metrics.ts'
import { modelOperations } from './models.ts'
import { routesOf } from './operation.ts'
import { PhotoIntake } from './photo-intake.ts'
import { notFound, problemHandler, problemTeller } from './problem.ts'
import { referenceOperations, referencePage } from './reference.ts'
import { statisticsOperations } from './statistics.ts'
import { workerOperations } from './workers.ts'

const WEB_APP = fileURLToPath(new URL('../../../client/dist', import.meta.url))

/** Addresses of the web app's pages, which all begin with the same file; any other is an error. */
const PAGES = ['/submit', '/jobs/:id', '/batches', '/batches/:id', '/cluster', '/dashboard'] as const

export interface RestParts {
  readonly config: Config
  readonly doors: Doors
  readonly jobs: JobService
  readonly batches: BatchService
  readonly images: ImageStore
  readonly disk: DiskGuard
  readonly workers: WorkerRegistry
  readonly dispatcher: Dispatcher
  readonly tickets: Tickets
  /** Lets a worker in. */
  readonly workerToken: string
  readonly models: ModelService
  readonly cluster: ClusterWatch
  readonly eventStreams: EventStreams
  readonly storage: StorageWatch
  readonly statistics: Statistics
  readonly masterFigures: MasterFigures
  readonly metrics: Metrics
  readonly log: Logger
}

export function createRest(parts: RestParts): Express {
  if (!existsSync(WEB_APP)) throw new Error('The web app is not built: run "npm run build".')
  const app = express()
  app.disable('x-powered-by')
  // What changes all the time is not asked for again to hear that it has not.
  app.disable('etag')
  app.use(securityHeaders())
  app.use(admission(parts.doors))

  const tellProblem = problemTeller(parts.log, (error) => parts.storage.note(error))
  const intake = new PhotoIntake({ ...parts, limits: parts.config })
  const operations = [
    ...jobOperations({ ...parts, intake, limits: parts.config }),
    ...batchOperations({ ...parts, intake, tellProblem, limits: parts.config }),
    ...eventOperations(parts),
    ...workerOperations(parts),
    ...imageOperations(parts.images, parts.tickets),
    ...modelOperations(parts.models),
    ...statisticsOperations(parts),
    ...metricsOperations(parts.metrics),
    ...healthOperations(() => parts.cluster.view()),
  ]
  app.use(routesOf([...operations, ...referenceOperations(operations)]))
  app.use('/api', referencePage())
  // Vite puts a hash of the content into the names below assets/, so each is compressed once a browser.
  app.use(
    '/assets',
    compression(),
    express.static(`${WEB_APP}/assets`, { immutable: true, maxAge: '365d', fallthrough: false }),
  )
  app.use(express.static(WEB_APP))
  app.get([...PAGES], (_request, response) => response.sendFile(`${WEB_APP}/index.html`))

  app.use(notFound)
  app.use(problemHandler(tellProblem))
  return app
}

/** Nothing is loaded from another host; photos that are dropped are shown from blobs. */
function securityHeaders() {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'blob:', 'data:'],
        connectSrc: ["'self'"],
        formAction: ["'self'"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    // The master speaks plain HTTP; whoever puts TLS in front decides about HSTS.
    strictTransportSecurity: false,
  })
}
