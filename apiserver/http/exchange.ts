import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/log.ts'
import type { StatusError } from '../../machinery/status.ts'
import { timeout } from '../../machinery/status-errors.ts'
import { anonymous } from '../authentication/union.ts'
import type { AuditedRequest } from '../audit/audited-request.ts'
import type { Place } from '../flow-control/place.ts'
import type { RequestContext, UserInfo } from '../request-context.ts'
import type { RequestInfo } from '../request-info.ts'
import type { Arrival } from './body.ts'
import type { Sent } from './sending/stream.ts'
import { Warnings } from './warnings.ts'

/** One request from its arrival to the last byte of its answer. */
export class Exchange implements RequestContext, Sent {
  readonly info: RequestInfo
  readonly query: URLSearchParams
  readonly auditId: string
  readonly log: Logger
  readonly clock: Clock
  #warnings: Warnings | undefined
  readonly startMs: number
  #waitedMs = 0
  #waitedUntilMs = 0
  /** Since when it waits for its turn. */
  queuedMs: number | undefined
  /** A stream that goes on until somebody ends it: no deadline, and no place in the count of requests in flight. */
  readonly isLongRunning: boolean
  /** A patch that is applied: metrics call it by its own name. */
  isApply = false
  sentBytes = 0
  isCut = false
  /** When its time is up, and what is then answered. */
  endMs = Number.POSITIVE_INFINITY
  timedOut = requestTimedOut
  /** What it holds while it is worked on, or waits for. */
  place: Place | undefined
  /** Its body, until that is whole. */
  arrival: Arrival | undefined
  user: UserInfo = anonymous
  /** Where audit is on. */
  audit: AuditedRequest | undefined
  /** Made for those who ask: a signal costs more than the rest of an exchange, and a GET needs none. */
  #aborting: AbortController | undefined
  #abortedBy: StatusError | undefined
  #onAbort: ((reason: StatusError) => void) | undefined

  constructor(options: ExchangeOptions) {
    this.info = options.info
    this.query = options.query
    this.auditId = options.auditId
    this.log = options.log
    this.clock = options.clock
    this.startMs = options.clock.monotonic()
    this.isLongRunning = options.info.verb === 'watch' || options.info.verb === 'proxy'
  }

  get signal(): AbortSignal {
    if (this.#aborting === undefined) {
      this.#aborting = new AbortController()
      if (this.#abortedBy !== undefined) this.#aborting.abort(this.#abortedBy)
    }
    return this.#aborting.signal
  }

  get isAborted(): boolean {
    return this.#abortedBy !== undefined
  }

  /** For steps behind one that had to wait: what holds a place must not begin when nobody waits for the answer. */
  throwIfAborted(): void {
    if (this.#abortedBy !== undefined) throw this.#abortedBy
  }

  warningHeaders(): readonly string[] {
    return this.#warnings?.headers() ?? []
  }

  warn(text: string): void {
    this.#warnings ??= new Warnings()
    this.#warnings.add(text)
  }

  annotate(key: string, value: string): void {
    this.audit?.annotate(key, value)
  }

  /** What is waited for at the same time counts once. */
  waited(fromMs: number, untilMs: number): void {
    const newFromMs = Math.max(fromMs, this.#waitedUntilMs)
    if (untilMs <= newFromMs) return
    this.#waitedMs += untilMs - newFromMs
    this.#waitedUntilMs = untilMs
  }

  /** For its turn, and for webhooks: what those take says nothing of this server. */
  waitedBy(nowMs: number): number {
    return this.#waitedMs + (this.queuedMs === undefined ? 0 : nowMs - this.queuedMs)
  }

  /** `reason` is the answer, where one can still be given. */
  abort(reason: StatusError): void {
    if (this.#abortedBy !== undefined) return
    this.#abortedBy = reason
    this.#aborting?.abort(reason)
    this.#onAbort?.(reason)
  }

  /** The result, or the reason of an abort that comes first: nothing below can hold up the answer. */
  unlessAborted<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#onAbort = reject
      if (this.#abortedBy !== undefined) reject(this.#abortedBy)
      work.then(resolve, reject)
    })
  }
}

function requestTimedOut(): StatusError {
  return timeout('request did not complete within the allotted timeout')
}

export interface ExchangeOptions {
  readonly info: RequestInfo
  readonly query: URLSearchParams
  readonly auditId: string
  readonly log: Logger
  readonly clock: Clock
}
