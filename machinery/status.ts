import type { JsonObject } from './object.ts'

/** Why a request failed, in the words of metav1.StatusReason. */
export type StatusReason =
  | 'Unauthorized'
  | 'Forbidden'
  | 'NotFound'
  | 'AlreadyExists'
  | 'Conflict'
  | 'Gone'
  | 'Invalid'
  | 'ServerTimeout'
  | 'Timeout'
  | 'TooManyRequests'
  | 'BadRequest'
  | 'MethodNotAllowed'
  | 'NotAcceptable'
  | 'RequestEntityTooLarge'
  | 'UnsupportedMediaType'
  | 'InternalError'
  | 'Expired'
  | 'ServiceUnavailable'
  | 'StoreReadError'
  | ''

export interface StatusCause {
  readonly reason?: string
  readonly message?: string
  readonly field?: string
}

export interface StatusDetails {
  readonly name?: string
  readonly group?: string
  readonly kind?: string
  readonly uid?: string
  readonly causes?: readonly StatusCause[]
  readonly retryAfterSeconds?: number
}

/** metav1.Status as it is sent: the body of every error and of some successes. */
export interface Status extends JsonObject {
  readonly kind: 'Status'
  readonly apiVersion: 'v1'
}

export interface StatusAnswer {
  readonly code: number
  readonly reason: StatusReason
  readonly message: string
  readonly details?: StatusDetails
  readonly continue?: string
}

/** A refusal that already has its HTTP answer. Raised by the registry and by clients of a kube-apiserver alike. */
export class StatusError extends Error {
  override readonly name = 'StatusError'
  readonly code: number
  readonly reason: StatusReason
  readonly details: StatusDetails | undefined
  /** Of an expired list: where it may go on in the newest state (Status.metadata.continue). */
  readonly continue: string | undefined

  constructor(answer: StatusAnswer) {
    super(answer.message)
    this.code = answer.code
    this.reason = answer.reason
    this.details = answer.details
    this.continue = answer.continue
  }
}

export function isStatusReason(error: unknown, reason: StatusReason): error is StatusError {
  return error instanceof StatusError && error.reason === reason
}
