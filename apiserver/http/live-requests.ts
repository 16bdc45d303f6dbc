import { Bell } from '../../base/waiting/bell.ts'
import type { Clock } from '../../base/clock.ts'
import { badRequest, timeout } from '../../machinery/status-errors.ts'
import { parseGoDuration } from '../../machinery/duration.ts'
import type { StatusError } from '../../machinery/status.ts'
import { arrivedTooSlowly } from './body.ts'
import type { Exchange } from './exchange.ts'
import { cut, type RawResponse } from './sending/stream.ts'

/** How exact a deadline is. One sweep over the requests at hand is cheaper than a timer for each. */
const sweepMs = 100

/**
 * The requests that are not answered to their end. One whose time is up is aborted, which answers it; one whose answer
 * is under way then, or is not read, is cut off: what waits for a reader is held in memory, and its place with it.
 */
export class LiveRequests {
  readonly #clock: Clock
  readonly #limits: DeadlineLimits
  readonly #exchanges = new Map<Exchange, RawResponse>()
  readonly #emptied = new Bell()
  #isSweeping = false

  constructor(clock: Clock, limits: DeadlineLimits) {
    this.#clock = clock
    this.#limits = limits
  }

  get count(): number {
    return this.#exchanges.size
  }

  add(exchange: Exchange, raw: RawResponse): void {
    this.#exchanges.set(exchange, raw)
    if (!this.#isSweeping) void this.#sweep()
  }

  delete(exchange: Exchange): void {
    this.#exchanges.delete(exchange)
    if (this.#exchanges.size === 0) this.#emptied.ring()
  }

  /**
   * Whether none was left before the time was up. It is told at once: with the last connection gone nothing may be left
   * that keeps the process going, and a timer does not.
   */
  async drained(timeoutMs: number): Promise<boolean> {
    const [late, done] = [new AbortController(), new AbortController()]
    const timer = this.#clock.sleep(timeoutMs, done.signal).then(
      () => late.abort(),
      () => undefined,
    )
    while (this.#exchanges.size > 0 && !late.signal.aborted) await this.#emptied.rung(late.signal)
    done.abort()
    await timer
    return this.#exchanges.size === 0
  }

  /** Throws 400 for a `timeout` parameter that is no duration. */
  limit(exchange: Exchange): void {
    if (exchange.isLongRunning) return
    const { requestTimeoutMs, writeTimeoutMs } = this.#limits
    const askedMs = askedTimeoutMs(exchange.query.get('timeout'))
    const allowanceMs = askedMs === undefined || askedMs <= 0 ? requestTimeoutMs : Math.min(askedMs, requestTimeoutMs)
    const isWrite = writeVerbs.has(exchange.info.verb)
    exchange.endMs = exchange.startMs + (isWrite ? Math.min(allowanceMs, writeTimeoutMs) : allowanceMs)
    if (isWrite && allowanceMs >= writeTimeoutMs) exchange.timedOut = writeTimedOut
  }

  /** Ends the streams that would go on. */
  endLongRunning(reason: StatusError): void {
    for (const exchange of this.#exchanges.keys()) if (exchange.isLongRunning) exchange.abort(reason)
  }

  async #sweep(): Promise<void> {
    this.#isSweeping = true
    while (this.#exchanges.size > 0) {
      await this.#clock.sleep(sweepMs)
      const now = this.#clock.monotonic()
      for (const [exchange, raw] of this.#exchanges) this.#judge(exchange, raw, now)
    }
    this.#isSweeping = false
  }

  #judge(exchange: Exchange, raw: RawResponse, nowMs: number): void {
    const isOver = nowMs >= exchange.endMs
    if (!isOver && exchange.arrival?.isTooSlow(nowMs) !== true) return
    if (exchange.isAborted || raw.headersSent) {
      if (!isOver) return
      exchange.endMs = Number.POSITIVE_INFINITY
      exchange.isCut = true
      void cut(raw, { clock: this.#clock, stuckReaderMs: this.#limits.stuckReaderMs })
      return
    }
    const reason = isOver ? exchange.timedOut() : arrivedTooSlowly()
    exchange.endMs = nowMs + this.#limits.stuckReaderMs
    exchange.abort(reason)
  }
}

export interface DeadlineLimits {
  /** How long an answer that is late already may still take to be read. */
  readonly stuckReaderMs: number
  readonly requestTimeoutMs: number
  /** Of create, update, patch and delete (k8s.io/apiserver/pkg/endpoints/handlers: requestTimeoutUpperBound). */
  readonly writeTimeoutMs: number
}

const writeVerbs: ReadonlySet<string> = new Set(['create', 'update', 'patch', 'delete'])

function writeTimedOut(): StatusError {
  return timeout('request did not complete within requested timeout - context deadline exceeded')
}

function askedTimeoutMs(text: string | null): number | undefined {
  if (text === null || text === '') return undefined
  const durationMs = parseGoDuration(text)
  if (durationMs === undefined) {
    throw badRequest(`invalid timeout specified in the request URL - time: invalid duration ${JSON.stringify(text)}`)
  }
  return durationMs
}
