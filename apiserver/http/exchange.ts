import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/log.ts'
import type { StatusError } from '../../machinery/status.ts'
import { anonymous } from '../authentication/union.ts'
import type { RequestSort } from '../flow-control/in-flight.ts'
import type { RequestContext, UserInfo } from '../request-context.ts'
import type { RequestInfo } from '../request-info.ts'
import { Warnings } from './warnings.ts'

/** One request from its arrival to the last byte of its answer. */
export class Exchange implements RequestContext {
  readonly info: RequestInfo
  readonly query: URLSearchParams
  readonly auditId: string
  readonly log: Logger
  readonly warnings = new Warnings()
  readonly startMs: number
  user: UserInfo = anonymous
  readonly #aborting = new AbortController()
  readonly #endings: (() => void)[] = []

  constructor(options: ExchangeOptions) {
    this.info = options.info
    this.query = options.query
    this.auditId = options.auditId
    this.log = options.log
    this.startMs = options.clock.monotonic()
  }

  get signal(): AbortSignal {
    return this.#aborting.signal
  }

  /** Streams that go on until somebody ends them; no deadline and no place in the count of requests in flight. */
  get isLongRunning(): boolean {
    return this.info.verb === 'watch' || this.info.verb === 'proxy'
  }

  get sort(): RequestSort {
    return readOnlyVerbs.has(this.info.verb) ? 'readOnly' : 'mutating'
  }

  warn(text: string): void {
    this.warnings.add(text)
  }

  /** `reason` is the answer, where one can still be given. */
  abort(reason: StatusError): void {
    this.#aborting.abort(reason)
  }

  /** Runs when the answer is out or its reader is gone. */
  onEnd(end: () => void): void {
    this.#endings.push(end)
  }

  end(): void {
    for (const end of this.#endings.splice(0)) end()
  }

  /** The result, or the reason of an abort that comes first: nothing below can hold up the answer. */
  unlessAborted<T>(work: Promise<T>): Promise<T> {
    const { signal } = this
    if (signal.aborted) return Promise.reject(signal.reason as StatusError)
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as StatusError), { once: true })
      work.then(resolve, reject)
    })
  }
}

const readOnlyVerbs: ReadonlySet<string> = new Set(['get', 'list', 'watch', 'head', 'options'])

export interface ExchangeOptions {
  readonly info: RequestInfo
  readonly query: URLSearchParams
  readonly auditId: string
  readonly log: Logger
  readonly clock: Clock
}
