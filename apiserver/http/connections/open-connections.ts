import type { Socket } from 'node:net'
import type { Clock } from '../../../base/clock.ts'
import type { Logger } from '../../../base/log.ts'
import type { Metrics } from '../../../base/metrics.ts'

export interface OpenConnectionsOptions {
  /** All of them. */
  readonly connectionsMax: number
  /** Of one address, without a client certificate that is known; 0 is no limit. */
  readonly addressConnectionsMax: number
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
}

interface Connection {
  readonly key: string
  readonly address: string
  readonly socket: Socket
}

/**
 * Who may come in when there is no room: the newest, always. Its place is taken from the address that has most
 * connections, the oldest first, so that nobody who opens many keeps others out.
 *
 * 1. A connection counts for its address from its first moment until TLS has found its certificate to be of a known
 *    authority: that of an aggregator, through whose few addresses everybody comes, counts for the handshake alone.
 * 2. A token does not take it out of the count: every pod has one.
 */
export class OpenConnections {
  readonly #options: OpenConnectionsOptions
  readonly #closed: (reason: Reason) => void
  readonly #open = new Map<string, Connection>()
  /** Those that count, the oldest first. */
  readonly #counted = new Map<string, Set<Connection>>()
  #toldAtMs = Number.NEGATIVE_INFINITY

  constructor(options: OpenConnectionsOptions) {
    this.#options = options
    const counter = options.metrics.counter(
      'apiserver_connections_closed_total',
      'Connections closed to make room: for one address, or in all.',
    )
    this.#closed = (reason) => void counter.add({ reason })
  }

  add(socket: Socket): void {
    const { remoteAddress: address = '' } = socket
    const connection = { key: connectionKey(socket), address, socket }
    socket.once('close', () => this.#forget(connection))
    this.#open.set(connection.key, connection)
    const own = this.#counted.get(address) ?? new Set()
    this.#counted.set(address, own.add(connection))
    const { addressConnectionsMax, connectionsMax } = this.#options
    if (addressConnectionsMax > 0 && own.size > addressConnectionsMax) this.#closeOldest(own, 'address')
    if (this.#open.size > connectionsMax) this.#closeOldest(this.#largest(own), 'all')
  }

  /** Its certificate is of an authority that is known. */
  certified(socket: Socket): void {
    const connection = this.#open.get(connectionKey(socket))
    if (connection !== undefined) this.#uncount(connection)
  }

  end(): void {
    for (const { socket } of this.#open.values()) socket.destroy()
  }

  #largest(atLeast: ReadonlySet<Connection>): ReadonlySet<Connection> {
    let largest = atLeast
    for (const each of this.#counted.values()) if (each.size > largest.size) largest = each
    return largest
  }

  #closeOldest(connections: ReadonlySet<Connection>, reason: Reason): void {
    const [oldest] = connections
    if (oldest === undefined) return
    this.#forget(oldest)
    oldest.socket.destroy()
    this.#closed(reason)
    const { clock, log } = this.#options
    if (clock.monotonic() - this.#toldAtMs < toldEveryMs) return
    this.#toldAtMs = clock.monotonic()
    log.warn('connections are closed to make room', { reason, address: oldest.address, count: connections.size + 1 })
  }

  #forget(connection: Connection): void {
    // Another one may have the port by now.
    if (this.#open.get(connection.key) === connection) this.#open.delete(connection.key)
    this.#uncount(connection)
  }

  #uncount(connection: Connection): void {
    const own = this.#counted.get(connection.address)
    if (own?.delete(connection) && own.size === 0) this.#counted.delete(connection.address)
  }
}

type Reason = 'address' | 'all'

const toldEveryMs = 60_000

/** The socket of TLS and the one beneath it are two objects, and one connection. */
export function connectionKey({ remoteAddress = '', remotePort = 0 }: Socket): string {
  return `${remoteAddress} ${remotePort}`
}
