export type AuditErrorCode = 'audit-policy'

/** A policy that cannot be followed as it is written. The message names the place, and quotes names only. */
export class AuditError extends Error {
  override readonly name = 'AuditError'
  readonly code: AuditErrorCode = 'audit-policy'
}
