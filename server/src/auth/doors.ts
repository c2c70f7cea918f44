/**
 * Who may come in at all, by REST or by socket. WebSockets and form posts ignore CORS, and a hostile page can
 * rebind its own name to this machine's address; so every request must name this host, and one that a page
 * of another origin sends is turned away.
 */
import { createHmac } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { ProblemError } from '@argus/shared'
import type { Config } from '../config.ts'
import { isSameSecret } from './compare.ts'
import { hostName } from './host-name.ts'
import type { Secrets } from './secrets.ts'

const SESSION_COOKIE = 'argus_session'
/** What the workers' token opens where an access token closes the rest. */
const WORKER_PATHS = ['/socket.io/', '/api/v1/models/', '/api/v1/images/', '/samples/']

export class Doors {
  readonly #allowedHosts: ReadonlySet<string>
  readonly #accessToken: string | undefined
  readonly #workerToken: string
  readonly #session: string

  constructor(config: Pick<Config, 'allowedHosts' | 'accessToken'>, secrets: Secrets) {
    this.#allowedHosts = config.allowedHosts
    this.#accessToken = config.accessToken
    this.#workerToken = secrets.workerToken
    this.#session = createHmac('sha256', secrets.masterKey)
      .update(`session ${config.accessToken}`)
      .digest('base64url')
  }

  /**
   * Lets a request or a socket handshake in.
   *
   * @throws ProblemError `door/host`, `door/origin` or `auth/required`
   */
  admit(headers: IncomingHttpHeaders, path: string): void {
    this.#checkHost(headers.host)
    checkOrigin(headers)
    if (this.hasFullAccess(headers)) return
    const isWorker = isSameSecret(bearerToken(headers) ?? '', this.#workerToken)
    if (isWorker && WORKER_PATHS.some((prefix) => path.startsWith(prefix))) return
    throw new ProblemError('auth/required')
  }

  /** Whether the request may do everything: it shows the access token, or none is set. */
  hasFullAccess(headers: IncomingHttpHeaders): boolean {
    if (this.#accessToken === undefined) return true
    const token = bearerToken(headers) ?? basicPassword(headers)
    if (token !== undefined && isSameSecret(token, this.#accessToken)) return true
    const session = cookie(headers, SESSION_COOKIE)
    return session !== undefined && isSameSecret(session, this.#session)
  }

  /** The cookie that stands for the access token: where a request brings it as a Basic password, set it. */
  sessionFor(headers: IncomingHttpHeaders): { name: string; value: string } | null {
    if (this.#accessToken === undefined || basicPassword(headers) === undefined) return null
    return { name: SESSION_COOKIE, value: this.#session }
  }

  #checkHost(host: string | undefined): void {
    const name = hostName(host ?? '')
    if (name === null || !this.#allowedHosts.has(name)) {
      throw new ProblemError(
        'door/host',
        `Add "${name ?? host}" to ALLOWED_HOSTS if it is a name of this master.`,
      )
    }
  }
}

function checkOrigin({ origin, host }: IncomingHttpHeaders): void {
  if (origin === undefined) return
  const originHost = URL.canParse(origin) ? new URL(origin).host : null
  // The scheme is not compared: a proxy in front may have taken the TLS off.
  if (originHost === null || originHost !== host?.toLowerCase()) throw new ProblemError('door/origin', origin)
}

function bearerToken({ authorization }: IncomingHttpHeaders): string | undefined {
  return /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1]
}

function basicPassword({ authorization }: IncomingHttpHeaders): string | undefined {
  const encoded = /^Basic +(\S+)$/i.exec(authorization ?? '')?.[1]
  if (encoded === undefined) return undefined
  const [, ...password] = Buffer.from(encoded, 'base64').toString('utf8').split(':')
  return password.join(':')
}

function cookie(headers: IncomingHttpHeaders, name: string): string | undefined {
  const pairs = (headers.cookie ?? '').split(';').map((pair) => pair.trim().split('='))
  return pairs.find(([key]) => key === name)?.[1]
}
