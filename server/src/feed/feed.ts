/**
 * Tells open boards what changes: each its view of the list of jobs, and the subjects that it watches. Boards that
 * show the same share its making, whatever their number.
 */
import { randomUUID } from 'node:crypto'
import { MAX_SUBJECTS, type News, ProblemError, type Snapshot, type Subject, type View } from '@argus/shared'
import type { Logger } from '../log.ts'
import type { JobChange } from '../store/change-log.ts'
import type { StorageWatch } from '../store/storage-watch.ts'
import type { ClusterWatch } from '../workers/cluster-watch.ts'
import type { Board, Broadcast } from './board-room.ts'
import { LiveView } from './live-view.ts'
import { type SubjectParts, sourceOf } from './subject-sources.ts'
import { SubjectWatch } from './subject-watch.ts'

export interface FeedParts extends SubjectParts {
  readonly cluster: ClusterWatch
  readonly storage: StorageWatch
  readonly limits: Snapshot['limits']
  readonly log: Logger
}

/** What one board has open. */
interface OpenBoard {
  /** Of the view that it wants. */
  wanted: string | null
  /** How often it has asked; an answer that comes for an earlier request is of no use. */
  asked: number
  view: LiveView | null
  readonly subjects: Map<string, SubjectWatch | null>
}

export class Feed {
  readonly #parts: FeedParts
  readonly #bootId = randomUUID()
  readonly #boards = new Map<Board, OpenBoard>()
  readonly #views = new Map<string, LiveView>()
  readonly #subjects = new Map<string, SubjectWatch>()
  #broadcast: Broadcast = () => undefined
  /** The database, at the last look. */
  #isAway = false
  #isStopped = false

  constructor(parts: FeedParts) {
    this.#parts = parts
    const noteOverview = () => {
      for (const view of this.#views.values()) view.noteOverview()
    }
    parts.jobs.changes.onChange(noteOverview)
    parts.jobs.changes.onRemoved(noteOverview)
    parts.jobs.changes.onRecounted(noteOverview)
    parts.cluster.onChange(noteOverview)
    parts.storage.onChange(() => this.#noteStorage())
    parts.batches.onChange((id) => this.#subjects.get(keyOf({ of: 'batch', id }))?.note())
  }

  /** Sets how messages get to all boards in a room. */
  onBroadcast(broadcast: Broadcast): void {
    this.#broadcast = broadcast
  }

  /** Takes in what has changed, in its order. */
  take(changes: readonly JobChange[]): void {
    for (const view of this.#views.values()) view.apply(changes)
    if (this.#subjects.size === 0) return
    for (const { id, batch } of changes) {
      this.#subjects.get(keyOf({ of: 'job', id }))?.note()
      if (batch !== null) this.#subjects.get(keyOf({ of: 'batch', id: batch }))?.note()
    }
  }

  /** Opens a view for a board, in the place of the one that it had. */
  async open(board: Board, view: View, take: (snapshot: Snapshot) => void): Promise<void> {
    const opened = this.#boardOf(board)
    this.#leaveView(board, opened)
    const key = JSON.stringify(view)
    opened.wanted = key
    const live = this.#views.get(key) ?? this.#newView(key, view)
    opened.asked += 1
    const { asked } = opened
    const isWanted = () => opened.asked === asked && this.#boards.get(board) === opened
    await live.open(board, isWanted, (snapshot) => {
      opened.view = live
      take(snapshot)
    })
    if (opened.view !== live) this.#dropView(key)
  }

  /**
   * Has a board told of a subject from now on. Returns its state.
   *
   * @throws ProblemError `job/not-found`, `batch/not-found`, `board/too-many-subjects`, `store/…`
   */
  async watch(board: Board, subject: Subject): Promise<News> {
    const opened = this.#boardOf(board)
    const key = keyOf(subject)
    if (!opened.subjects.has(key) && opened.subjects.size >= MAX_SUBJECTS) {
      throw new ProblemError('board/too-many-subjects', `${MAX_SUBJECTS} at a time`)
    }
    const watch = this.#subjects.get(key) ?? this.#newSubject(key, subject)
    opened.subjects.set(key, null)
    const isWanted = () => opened.subjects.has(key) && this.#boards.get(board) === opened
    try {
      const news = await watch.open(board, () => {
        if (isWanted()) opened.subjects.set(key, watch)
        return isWanted()
      })
      refuseMissing(news)
      return news
    } catch (error) {
      this.unwatch(board, subject)
      throw error
    } finally {
      this.#dropSubject(key)
    }
  }

  /** Tells a board of a subject no more. */
  unwatch(board: Board, subject: Subject): void {
    const key = keyOf(subject)
    const opened = this.#boards.get(board)
    opened?.subjects.get(key)?.leave(board)
    opened?.subjects.delete(key)
    this.#dropSubject(key)
  }

  /** The board is gone. */
  close(board: Board): void {
    const opened = this.#boards.get(board)
    if (!opened) return
    this.#boards.delete(board)
    this.#leaveView(board, opened)
    for (const [key, watch] of opened.subjects) {
      watch?.leave(board)
      this.#dropSubject(key)
    }
  }

  /** Sends nothing more. */
  stop(): void {
    this.#isStopped = true
    for (const view of this.#views.values()) view.close()
    for (const subject of this.#subjects.values()) subject.close()
  }

  #boardOf(board: Board): OpenBoard {
    const opened = this.#boards.get(board) ?? { wanted: null, asked: 0, view: null, subjects: new Map() }
    this.#boards.set(board, opened)
    return opened
  }

  #newView(key: string, view: View): LiveView {
    const { jobs, cluster, limits } = this.#parts
    const live = new LiveView(`view ${key}`, view, {
      bootId: this.#bootId,
      jobs,
      cluster,
      limits,
      broadcast: (room, message) => this.#broadcast(room, message),
      onError: (error) => this.#noteError(error),
    })
    if (!this.#isStopped) this.#views.set(key, live)
    return live
  }

  #leaveView(board: Board, opened: OpenBoard): void {
    const { view, wanted } = opened
    opened.view = null
    opened.wanted = null
    view?.leave(board)
    if (view && wanted !== null) this.#dropView(wanted)
  }

  /** Unless a board has it open, or waits for it. */
  #dropView(key: string): void {
    const view = this.#views.get(key)
    const isWanted = [...this.#boards.values()].some(({ wanted }) => wanted === key)
    if (!view || isWanted) return
    view.close()
    this.#views.delete(key)
  }

  #newSubject(key: string, subject: Subject): SubjectWatch {
    const watch = new SubjectWatch(
      `subject ${key}`,
      sourceOf(subject, this.#parts),
      (room, message) => this.#broadcast(room, message),
      (error) => this.#noteError(error),
    )
    if (!this.#isStopped) this.#subjects.set(key, watch)
    return watch
  }

  #dropSubject(key: string): void {
    const watch = this.#subjects.get(key)
    const isWanted = [...this.#boards.values()].some(({ subjects }) => subjects.has(key))
    if (!watch || isWanted) return
    watch.close()
    this.#subjects.delete(key)
  }

  /** Of what happened by a COMMIT whose answer was lost nobody told: when the database is back all is read anew. */
  #noteStorage(): void {
    const isBack = this.#isAway && this.#parts.storage.state.database === 'ok'
    this.#isAway = this.#parts.storage.state.database !== 'ok'
    if (!isBack) return
    for (const view of this.#views.values()) void view.read()
    for (const subject of this.#subjects.values()) subject.note()
  }

  #noteError(error: unknown): void {
    const { log, storage } = this.#parts
    log.error({ err: error }, 'Boards could not be told of a change; they are when it can be read')
    storage.note(error)
  }
}

function keyOf(subject: Subject): string {
  return JSON.stringify(subject)
}

/** What a board asks for has to have been there. */
function refuseMissing(news: News): void {
  if (news.of === 'job' && news.job === null) throw new ProblemError('job/not-found', news.id)
  if (news.of === 'batch' && news.batch === null) throw new ProblemError('batch/not-found', news.id)
}
