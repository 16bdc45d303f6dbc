import type { Clock } from '../../base/clock.ts'
import { isJsonObject } from '../../machinery/json/member.ts'
import type { JsonObject, JsonValue } from '../../machinery/object.ts'
import type { StatusError } from '../../machinery/status.ts'
import { formatMicroTime } from '../../machinery/time.ts'
import type { Decision } from '../authorization/authorizer.ts'
import type { ApiResponse } from '../endpoints/endpoint.ts'
import type { UserInfo } from '../request-context.ts'
import type { RequestInfo } from '../request-info.ts'
import type { AuditEvent, AuditObjectRef, AuditStatus, AuditUser } from './audit-event.ts'
import { bodyOf, nameIn } from './bodies.ts'
import type { AuditDecision, AuditStage } from './policy.ts'

/** What is known of a request when it arrives. */
export interface Arrived {
  readonly auditId: string
  readonly requestUri: string
  readonly info: RequestInfo
  readonly sourceIps: readonly string[]
  readonly userAgent: string | undefined
}

interface Trail {
  readonly clock: Clock
  readonly hidesValues: boolean
  readonly decide: (user: UserInfo | undefined) => AuditDecision
  readonly record: (event: AuditEvent) => void
}

/**
 * One request in the audit trail: received, (response started,) response complete or panic. Its level follows from who
 * asks, so that nothing is recorded before authentication; a request that fails there is recorded without a user.
 */
export class AuditedRequest {
  readonly #arrived: Arrived
  readonly #trail: Trail
  readonly #receivedMs: number
  readonly #annotations = new Map<string, string>()
  #decision: AuditDecision | undefined
  #user: UserInfo | undefined
  #impersonator: () => UserInfo | undefined = () => undefined
  #impersonated: UserInfo | undefined
  #name: string
  #requestObject: JsonValue | undefined
  #responseObject: JsonValue | undefined
  #failure: StatusError | undefined
  #hasPanicked = false

  constructor(arrived: Arrived, trail: Trail) {
    this.#arrived = arrived
    this.#trail = trail
    this.#receivedMs = trail.clock.now()
    this.#name = arrived.info.name
  }

  /** `impersonator` answers who authenticated, where that one acts, or wants to act, as another. */
  authenticating(impersonator: () => UserInfo | undefined): void {
    this.#impersonator = impersonator
  }

  /** Rights are this user's; the policy is about who authenticated. */
  identified(user: UserInfo): void {
    const impersonator = this.#impersonator()
    this.#user = impersonator ?? user
    if (impersonator !== undefined) this.#impersonated = user
    this.#decision = this.#trail.decide(this.#user)
    this.#record('RequestReceived')
  }

  decided(decision: Decision): void {
    this.annotate('authorization.k8s.io/decision', decision.verdict === 'allow' ? 'allow' : 'forbid')
    this.annotate('authorization.k8s.io/reason', ('reason' in decision ? decision.reason : undefined) ?? '')
  }

  /** The first word under a key stays, as in kube-apiserver: nobody rewrites what another step has said. */
  annotate(key: string, value: string): void {
    if (!this.#annotations.has(key)) this.#annotations.set(key, value)
  }

  received(body: Uint8Array, contentType: string | undefined): void {
    const { info } = this.#arrived
    if (!this.#isAt('Metadata')) return
    if (this.#name === '' && info.verb === 'create') this.#name = nameIn(body, contentType)
    if (this.#isAt('Request')) this.#requestObject = this.#kept(bodyOf(body, contentType))
  }

  answered(response: ApiResponse): void {
    if (response.type === 'stream') {
      this.#record('ResponseStarted', response.code)
      return
    }
    if (!this.#isAt('RequestResponse')) return
    const object = response.type === 'object' ? asJson(response.object) : bodyOf(response.body, response.contentType)
    this.#responseObject = this.#kept(object)
  }

  failed(failure: StatusError, options: { readonly isPanic: boolean }): void {
    this.#failure = failure
    this.#hasPanicked = options.isPanic
  }

  ended(code: number): void {
    this.#user ??= this.#impersonator()
    this.#decision ??= this.#trail.decide(this.#user)
    this.#record(this.#hasPanicked ? 'Panic' : 'ResponseComplete', code)
  }

  #isAt(level: 'Metadata' | 'Request' | 'RequestResponse'): boolean {
    const order = ['None', 'Metadata', 'Request', 'RequestResponse']
    return order.indexOf(this.#decision?.level ?? 'None') >= order.indexOf(level)
  }

  #kept(object: JsonValue | undefined): JsonValue | undefined {
    return object !== undefined && this.#decision?.omitManagedFields === true ? withoutManagedFields(object) : object
  }

  #record(stage: AuditStage, code?: number): void {
    const decision = this.#decision
    if (decision === undefined || decision.level === 'None' || decision.omitStages.includes(stage)) return
    const { auditId, requestUri, info, sourceIps, userAgent } = this.#arrived
    const objectRef = objectRefOf(info, this.#name)
    this.#trail.record({
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      level: decision.level,
      auditID: auditId,
      stage,
      requestURI: requestUri,
      verb: info.verb,
      user: userOf(this.#user),
      ...(this.#impersonated && { impersonatedUser: userOf(this.#impersonated) }),
      ...(sourceIps.length > 0 && { sourceIPs: sourceIps }),
      ...(userAgent !== undefined && { userAgent: shortened(userAgent) }),
      ...(objectRef && { objectRef }),
      ...(code !== undefined && { responseStatus: this.#status(code) }),
      ...(this.#requestObject !== undefined && { requestObject: this.#requestObject }),
      ...(code !== undefined && this.#responseObject !== undefined && { responseObject: this.#responseObject }),
      requestReceivedTimestamp: formatMicroTime(this.#receivedMs),
      stageTimestamp: formatMicroTime(this.#trail.clock.now()),
      ...(this.#annotations.size > 0 && { annotations: Object.fromEntries(this.#annotations) }),
    })
  }

  /** A refusal may quote the field that it is about. */
  #status(code: number): AuditStatus {
    const failure = this.#failure
    if (failure === undefined) return { metadata: {}, code }
    const message = this.#trail.hidesValues ? '' : failure.message
    const { reason } = failure
    return { metadata: {}, status: 'Failure', ...(message && { message }), ...(reason && { reason }), code }
  }
}

function userOf(user: UserInfo | undefined): AuditUser {
  if (user === undefined) return {}
  const { name, uid, groups, extra } = user
  return {
    username: name,
    ...(uid !== undefined && { uid }),
    ...(groups.length > 0 && { groups }),
    ...(Object.keys(extra).length > 0 && { extra }),
  }
}

function objectRefOf(info: RequestInfo, name: string): AuditObjectRef | undefined {
  if (!info.isResourceRequest) return undefined
  const { resource, namespace, group, version, subresource } = info
  return {
    resource,
    ...(namespace && { namespace }),
    ...(name && { name }),
    ...(group && { apiGroup: group }),
    apiVersion: version,
    ...(subresource && { subresource }),
  }
}

const userAgentLengthMax = 1024

function shortened(userAgent: string): string {
  return userAgent.length > userAgentLengthMax ? `${userAgent.slice(0, userAgentLengthMax)}...TRUNCATED` : userAgent
}

function asJson(value: object): JsonValue {
  return JSON.parse(JSON.stringify(value)) as JsonValue
}

function withoutManagedFields(object: JsonValue): JsonValue {
  if (!isJsonObject(object)) return object
  const { metadata, items } = object
  return {
    ...object,
    ...(isJsonObject(metadata) && { metadata: withoutMember(metadata) }),
    ...(Array.isArray(items) && { items: items.map((item: JsonValue) => withoutManagedFields(item)) }),
  }
}

function withoutMember({ managedFields: _, ...metadata }: JsonObject): JsonValue {
  return metadata
}
