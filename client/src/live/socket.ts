/** The live connection to the master: opens the view, feeds the board's store, opens again after a gap. */
import type { BOARD_NAMESPACE, BoardToMaster, Frame, MasterToBoard } from '@argus/shared'
import { io, type Socket } from 'socket.io-client'
import { acceptFrame, acceptSnapshot, loseConnection } from '../stores/board.ts'
import { ROWS } from '../stores/board-state.ts'

const NAMESPACE: typeof BOARD_NAMESPACE = '/board'
/** Before it connects again to a master that has ended the connection. */
const FAREWELL_MS = 1_000
/** A master that does not answer for so long is asked again. */
const ANSWER_MS = 10_000

/** Connects for as long as the page lives; called once. */
export function connectBoard(): void {
  const socket: Socket<MasterToBoard, BoardToMaster> = io(NAMESPACE, {
    transports: ['websocket', 'polling'],
    tryAllTransports: true,
    reconnectionDelay: 250,
    reconnectionDelayMax: 2_000,
  })
  /** Frames that come while a snapshot is awaited; null while none is. */
  let waiting: Frame[] | null = null

  function open(): void {
    const frames: Frame[] = []
    waiting = frames
    socket.timeout(ANSWER_MS).emit('open', { limit: ROWS }, (error, snapshot) => {
      // A newer request is under way, or will be as soon as there is a connection again.
      if (waiting !== frames || !socket.connected) return
      waiting = null
      if (error || !acceptSnapshot(snapshot, frames)) open()
    })
  }

  socket.on('connect', () => {
    // WebSocket works here, so no later connection has to fall back to requests over HTTP.
    if (socket.io.engine.transport.name === 'websocket') socket.io.opts.transports = ['websocket']
    open()
  })
  socket.on('frame', (frame) => {
    if (waiting !== null) waiting.push(frame)
    else if (!acceptFrame(frame)) open()
  })
  socket.on('disconnect', (reason) => {
    waiting = null
    loseConnection()
    // The library takes a farewell of the master for final; a master that restarts says it too.
    if (reason === 'io server disconnect') setTimeout(() => socket.connect(), FAREWELL_MS)
  })
}
