import type { JsonValue } from '../../machinery/object.ts'
import type { AuditLevel, AuditStage } from './policy.ts'

/** audit.k8s.io/v1 Event, in the order in which kube-apiserver writes it. */
export interface AuditEvent {
  readonly kind: 'Event'
  readonly apiVersion: 'audit.k8s.io/v1'
  readonly level: AuditLevel
  readonly auditID: string
  readonly stage: AuditStage
  readonly requestURI: string
  readonly verb: string
  readonly user: AuditUser
  readonly impersonatedUser?: AuditUser
  readonly sourceIPs?: readonly string[]
  readonly userAgent?: string
  readonly objectRef?: AuditObjectRef
  readonly responseStatus?: AuditStatus
  readonly requestObject?: JsonValue
  readonly responseObject?: JsonValue
  readonly requestReceivedTimestamp: string
  readonly stageTimestamp: string
  readonly annotations?: Readonly<Record<string, string>>
}

export interface AuditUser {
  readonly username?: string
  readonly uid?: string
  readonly groups?: readonly string[]
  readonly extra?: Readonly<Record<string, readonly string[]>>
}

export interface AuditObjectRef {
  readonly resource?: string
  readonly namespace?: string
  readonly name?: string
  readonly apiGroup?: string
  readonly apiVersion?: string
  readonly subresource?: string
}

export interface AuditStatus {
  readonly metadata: Readonly<Record<string, never>>
  readonly status?: 'Failure'
  readonly message?: string
  readonly reason?: string
  readonly code: number
}
