/** The job boards' door: the Socket.IO namespace `/board`. A board opens its view, watches subjects, and is told. */
import {
  BOARD_NAMESPACE,
  type BoardToMaster,
  type MasterToBoard,
  PROBLEMS,
  ProblemError,
  subjectSchema,
  viewSchema,
} from '@argus/shared'
import type { Server, Socket } from 'socket.io'
import type { Doors } from '../auth/doors.ts'
import type { Board, BoardMessage } from '../feed/board-room.ts'
import type { Feed } from '../feed/feed.ts'
import type { Logger } from '../log.ts'
import { toProblem } from '../problem.ts'
import { checked, socketProblem } from './checked.ts'

/** As many messages wait for a connection that does not keep up: less than a second of them. */
const MAX_WAITING = 8

type BoardSocket = Socket<BoardToMaster, MasterToBoard>

export interface BoardGatewayParts {
  readonly feed: Feed
  readonly doors: Doors
  readonly log: Logger
}

export function openBoardGateway(io: Server, { feed, doors, log }: BoardGatewayParts): void {
  const namespace = io.of(BOARD_NAMESPACE)
  namespace.use((socket, next) => {
    // The workers' token opens the connection, but not this namespace.
    const allowed = doors.hasFullAccess(socket.request.headers)
    next(allowed ? undefined : socketProblem(new ProblemError('auth/required')))
  })
  namespace.on('connection', (socket: BoardSocket) => {
    const board = boardOf(socket)
    const onBad = (error: Error) => {
      log.warn({ err: error }, 'A board is disconnected: what it asked for is no message of the protocol')
      socket.disconnect(true)
    }
    socket.on(
      'open',
      checked(viewSchema, (view, ack) => feed.open(board, view, ack), onBad),
    )
    socket.on(
      'watch',
      checked(
        subjectSchema,
        (subject, ack) =>
          feed.watch(board, subject).then(
            (news) => ack({ news }),
            (error: unknown) => {
              const { code, message: detail } = toProblem(error)
              if (code === 'request/internal') log.error({ err: error }, 'A subject could not be shown')
              ack({ refusal: { code, title: PROBLEMS[code].title, detail } })
            },
          ),
        onBad,
      ),
    )
    socket.on(
      'unwatch',
      checked(subjectSchema, (subject) => feed.unwatch(board, subject), onBad),
    )
    socket.on('disconnect', () => feed.close(board))
  })
  feed.onBroadcast((room, message) => emit(namespace.to(room), message))
}

function boardOf(socket: BoardSocket): Board {
  const { conn } = socket
  /** Messages that the connection has not taken yet. */
  let waiting = 0
  conn.on('packetCreate', () => {
    waiting += 1
  })
  conn.on('drain', () => {
    waiting = 0
  })
  return {
    get isLagging() {
      return waiting > MAX_WAITING
    },
    join: (room) => void socket.join(room),
    leave: (room) => void socket.leave(room),
    send: (message) => emit(socket, message),
    onceDrained: (listener) => void conn.once('drain', listener),
  }
}

function emit(target: Pick<BoardSocket, 'emit'>, message: BoardMessage): void {
  switch (message.event) {
    case 'frame':
      target.emit('frame', message.data)
      break
    case 'snapshot':
      target.emit('snapshot', message.data)
      break
    case 'news':
      target.emit('news', message.data)
  }
}
