/** The job boards' door: the Socket.IO namespace `/board`. A board opens its view and is sent frames. */
import {
  BOARD_NAMESPACE,
  type BoardToMaster,
  type MasterToBoard,
  ProblemError,
  viewSchema,
} from '@argus/shared'
import type { Server, Socket } from 'socket.io'
import type { Doors } from '../auth/doors.ts'
import type { Feed } from '../jobs/feed.ts'
import type { Logger } from '../log.ts'
import { checked, socketProblem } from './checked.ts'

/** Those boards that have had their snapshot. */
const OPEN = 'open'

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
  namespace.on('connection', (socket: Socket<BoardToMaster, MasterToBoard>) => {
    const onBad = (error: Error) => {
      log.warn({ err: error }, 'A board is disconnected: its view could not be opened')
      socket.disconnect(true)
    }
    socket.on(
      'open',
      checked(
        viewSchema,
        (view, ack) =>
          feed.snapshot(view.limit, (snapshot) => {
            ack(snapshot)
            socket.join(OPEN)
          }),
        onBad,
      ),
    )
  })
  feed.onFrame((frame) => namespace.to(OPEN).emit('frame', frame))
}
