import type { Clock } from '../../base/clock.ts'
import { badRequest, timeout } from '../../machinery/status-errors.ts'
import { parseGoDuration } from '../../machinery/duration.ts'
import type { StatusError } from '../../machinery/status.ts'
import type { Exchange } from './exchange.ts'

/** How exact a deadline is. One sweep over the requests at hand is cheaper than a timer for each. */
const sweepMs = 100

/** Aborts requests whose time is up. */
export class Deadlines {
  readonly #clock: Clock
  readonly #limits: DeadlineLimits
  readonly #ends = new Map<Exchange, Deadline>()
  #isSweeping = false

  constructor(clock: Clock, limits: DeadlineLimits) {
    this.#clock = clock
    this.#limits = limits
  }

  /** Throws 400 for a `timeout` parameter that is no duration. */
  watch(exchange: Exchange): void {
    if (exchange.isLongRunning) return
    const { allowanceMs, reason } = this.#allowance(exchange)
    this.#ends.set(exchange, { endMs: exchange.startMs + allowanceMs, reason })
    exchange.onEnd(() => this.#ends.delete(exchange))
    if (!this.#isSweeping) void this.#sweep()
  }

  #allowance({ info, query }: Exchange): { readonly allowanceMs: number; readonly reason: () => StatusError } {
    const maxMs = this.#limits.requestTimeoutMs
    const askedMs = askedTimeoutMs(query.get('timeout'))
    const allowanceMs = askedMs === undefined || askedMs <= 0 ? maxMs : Math.min(askedMs, maxMs)
    const writeMs = this.#limits.writeTimeoutMs
    if (!writeVerbs.has(info.verb) || allowanceMs < writeMs) return { allowanceMs, reason: requestTimedOut }
    return { allowanceMs: writeMs, reason: writeTimedOut }
  }

  async #sweep(): Promise<void> {
    this.#isSweeping = true
    while (this.#ends.size > 0) {
      await this.#clock.sleep(sweepMs)
      const now = this.#clock.monotonic()
      for (const [exchange, { endMs, reason }] of this.#ends) if (now >= endMs) exchange.abort(reason())
    }
    this.#isSweeping = false
  }
}

export interface DeadlineLimits {
  readonly requestTimeoutMs: number
  /** Of create, update, patch and delete (k8s.io/apiserver/pkg/endpoints/handlers: requestTimeoutUpperBound). */
  readonly writeTimeoutMs: number
}

interface Deadline {
  readonly endMs: number
  readonly reason: () => StatusError
}

const writeVerbs: ReadonlySet<string> = new Set(['create', 'update', 'patch', 'delete'])

function requestTimedOut(): StatusError {
  return timeout('request did not complete within the allotted timeout')
}

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
