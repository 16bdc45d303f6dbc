import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import type { AuditTrail } from './audit/audit-trail.ts'
import type { Authenticator } from './authentication/authenticator.ts'
import type { Authorizer } from './authorization/authorizer.ts'
import type { DocumentEndpoint } from './discovery/document.ts'
import type { ApiRequest, ApiResponse } from './endpoints/endpoint.ts'
import type { FlowControl } from './flow-control/flow-control.ts'
import type { HealthCheck } from './health/health.ts'
import type { BodyLimits } from './http/body.ts'
import type { LiveRequests } from './http/live-requests.ts'
import type { RequestMetrics } from './http/request-metrics.ts'
import type { StreamLimits } from './http/sending/stream.ts'
import type { RequestInfo, ResourcePath } from './request-info.ts'

/** What the steps of a request are handed from outside. */
export interface Steps {
  readonly clock: Clock
  readonly log: Logger
  readonly authenticate: Authenticator
  readonly authorize: Authorizer
  /** What clients without credentials may ask for. */
  readonly publicPaths: readonly string[]
  readonly documents: ReadonlyMap<string, DocumentEndpoint>
  /** What `dispatch` answers about: nothing else is counted by name, for a client can make up any. */
  readonly resources: readonly ResourcePath[]
  readonly dispatch: (request: ApiRequest) => Promise<ApiResponse>
  readonly checks: readonly HealthCheck[]
  /** Where a body may have another size than all others. */
  readonly bodyBytesMaxOf?: (info: RequestInfo) => number | undefined
  /** Absent: nothing is recorded. */
  readonly audit?: AuditTrail | undefined
}

/** What the steps of a request work with. */
export interface Services extends Steps {
  readonly flow: FlowControl
  readonly measure: RequestMetrics
  readonly pressure: PressureLimits
  readonly streams: StreamLimits
  readonly bodies: BodyLimits
  readonly live: LiveRequests
  readonly state: { isStopping: boolean }
}

/** Beyond one of these, requests are turned away; 0 is no limit. Names of @fastify/under-pressure. */
export interface PressureLimits {
  /** Milliseconds, the mean of a second. */
  readonly maxEventLoopDelay: number
  readonly maxHeapUsedBytes: number
}
