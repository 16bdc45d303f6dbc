import type { StatusError } from '../../machinery/status.ts'
import { serviceUnavailable } from '../../machinery/status-errors.ts'
import type { HealthCheck } from '../health/health.ts'
import type { ApiRequest, ApiResponse } from './endpoint.ts'

type Dispatch = (request: ApiRequest) => Promise<ApiResponse>
type Some = (request: ApiRequest) => Promise<ApiResponse> | undefined

/**
 * Answers for what is being opened. A 404 would tell the garbage collector of a cluster that objects are gone: 503 with
 * Retry-After tells clients to come again (apiserver-conformance.md, 9.5).
 */
export class Startup {
  #dispatch: Dispatch | undefined
  #reason: () => string | undefined = () => undefined
  #meanwhile: Some = () => undefined

  readonly dispatch: Dispatch = (request) =>
    this.#dispatch?.(request) ?? this.#meanwhile(request) ?? Promise.reject(refusal(this.#reason()))

  readonly check: HealthCheck = {
    name: 'startup',
    endpoints: ['readyz'],
    check: () => (this.#dispatch === undefined ? 'the server is starting' : undefined),
  }

  /** What is waited for, where it is more than the start, and what is answered until then. */
  waits(reason: () => string | undefined, meanwhile: Some): void {
    this.#reason = reason
    this.#meanwhile = meanwhile
  }

  /** From now on this answers. */
  end(dispatch: Dispatch): void {
    this.#dispatch = dispatch
  }
}

/** What may take long is not worth asking for once a second. */
function refusal(reason: string | undefined): StatusError {
  if (reason !== undefined) return serviceUnavailable(reason)
  return serviceUnavailable('the server is starting, please try again later', { retryAfterSeconds: 1 })
}
