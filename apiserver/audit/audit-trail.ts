import type { Clock } from '../../base/clock.ts'
import type { Counter, Metrics } from '../../base/metrics.ts'
import type { UserInfo } from '../request-context.ts'
import type { RequestInfo } from '../request-info.ts'
import type { AuditEvent } from './audit-event.ts'
import { AuditedRequest, type Arrived } from './audited-request.ts'
import { type AuditDecision, type AuditLevel, type AuditPolicy, decide } from './policy.ts'

/** Where events go. Taking one must cost next to nothing and never wait. */
export interface AuditSink {
  take(event: AuditEvent): void
}

export interface AuditTrailOptions {
  readonly policy: AuditPolicy
  readonly sinks: readonly AuditSink[]
  /** Of what can never be recorded more than that it was touched, whatever the policy says: what holds values. */
  readonly holdsValues: (info: RequestInfo) => boolean
  readonly clock: Clock
  readonly metrics: Metrics
}

/** Who did what, and what was decided about it: one record for each request that the policy is for. */
export class AuditTrail {
  readonly #options: AuditTrailOptions
  readonly #events: ReturnType<Counter['of']>
  readonly #levels: Counter

  constructor(options: AuditTrailOptions) {
    this.#options = options
    const { metrics } = options
    this.#events = metrics.counter('apiserver_audit_event_total', 'Audit events handed to the sinks.').of({})
    this.#levels = metrics.counter('apiserver_audit_level_total', 'Requests by the level of their audit.')
  }

  begin(arrived: Arrived): AuditedRequest {
    const { clock, holdsValues } = this.#options
    return new AuditedRequest(arrived, {
      clock,
      hidesValues: holdsValues(arrived.info),
      decide: (user) => this.#decide(user, arrived.info),
      record: (event) => this.#record(event),
    })
  }

  #decide(user: UserInfo | undefined, info: RequestInfo): AuditDecision {
    const { policy, holdsValues } = this.#options
    const decision = decide(policy, user, info)
    const level: AuditLevel = decision.level !== 'None' && holdsValues(info) ? 'Metadata' : decision.level
    this.#levels.add({ level })
    return { ...decision, level }
  }

  #record(event: AuditEvent): void {
    this.#events.add()
    for (const sink of this.#options.sinks) sink.take(event)
  }
}
