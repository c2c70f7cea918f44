/** The live connection to the master: opens the view, watches the subjects, and does both again after a gap. */
import type { BoardToMaster, Frame, MasterToBoard, Snapshot, Subject, View } from '@argus/shared'
import { BOARD_NAMESPACE } from '@argus/shared/vocabulary'
import { io, type Socket } from 'socket.io-client'
import { acceptOverview, loseConnection, markLive, useBoard } from '../stores/board.ts'
import { acceptFrame, acceptSnapshot, currentView, onViewChange } from '../stores/job-list.ts'
import { acceptNews, acceptRefusal, onWatch, watchedSubjects } from '../stores/subjects.ts'

/** Before it connects again to a master that has ended the connection. */
const FAREWELL_MS = 1_000
/** A master that does not answer for so long is asked again. */
const ANSWER_MS = 10_000

/** Connects for as long as the page lives; called once. */
export function connectBoard(): void {
  const socket: Socket<MasterToBoard, BoardToMaster> = io(BOARD_NAMESPACE, {
    transports: ['websocket', 'polling'],
    tryAllTransports: true,
    reconnectionDelay: 250,
    reconnectionDelayMax: 2_000,
  })
  /** The view that is open, or asked for. */
  let opened: View = currentView()
  /** The latest request for a view, while it is not answered. */
  let asked: View | null = null

  function open(view: View): void {
    opened = view
    if (!socket.connected) return
    asked = view
    socket.timeout(ANSWER_MS).emit('open', view, (error, snapshot) => {
      // A newer request is under way, or will be as soon as there is a connection again.
      if (asked !== view || !socket.connected) return
      asked = null
      if (error) open(currentView())
      else take(snapshot)
    })
  }

  function take(message: Frame | Snapshot): void {
    // Until the answer comes, all that does is of the view before.
    if (asked !== null) return
    const isWhole = 'limits' in message
    if (isWhole ? acceptSnapshot(opened, message) : acceptFrame(message)) {
      const wasAway = isAway()
      acceptOverview(message)
      if (isWhole) markLive()
      // What was refused while the database was away is to be had again.
      if (wasAway && !isAway()) watchAll()
    } else {
      open(currentView())
    }
  }

  function watch(subject: Subject): void {
    if (!socket.connected) return
    socket.timeout(ANSWER_MS).emit('watch', subject, (error, answer) => {
      const isWanted = watchedSubjects().includes(subject)
      if (error) {
        if (isWanted) watch(subject)
      } else if ('news' in answer) {
        acceptNews(answer.news)
      } else {
        acceptRefusal(subject, answer.refusal)
      }
    })
  }

  function watchAll(): void {
    for (const subject of watchedSubjects()) watch(subject)
  }

  onViewChange(open)
  onWatch({
    watch,
    unwatch: (subject) => socket.connected && socket.emit('unwatch', subject),
  })
  socket.on('connect', () => {
    // WebSocket works here, so no later connection has to fall back to requests over HTTP.
    if (socket.io.engine.transport.name === 'websocket') socket.io.opts.transports = ['websocket']
    open(currentView())
    watchAll()
  })
  socket.on('frame', take)
  socket.on('snapshot', take)
  socket.on('news', acceptNews)
  socket.on('disconnect', (reason) => {
    asked = null
    loseConnection()
    // The library takes a farewell of the master for final; a master that restarts says it too.
    if (reason === 'io server disconnect') setTimeout(() => socket.connect(), FAREWELL_MS)
  })
}

function isAway(): boolean {
  return useBoard.getState().overview?.cluster.storage.database === 'unavailable'
}
