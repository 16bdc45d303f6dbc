import { type StatusReason, StatusError } from '../../../machinery/status.ts'
import { forbidden } from '../../../machinery/status-errors.ts'
import type { AdmissionRequest } from '../admission.ts'

export interface PolicyDenial {
  readonly policy: string
  readonly binding: string | undefined
  readonly message: string
  /** Absent: the object is invalid. */
  readonly reason?: string
}

export function policyDenied(denial: PolicyDenial, request: AdmissionRequest): StatusError {
  return refused(`ValidatingAdmissionPolicy ${denialText(denial)}`, denial, request)
}

/** A policy that cannot change what it should. */
export function mutationFailed(denial: PolicyDenial, request: AdmissionRequest): StatusError {
  return refused(`policy ${denialText(denial)}`, denial, request)
}

function denialText({ policy, binding, message }: PolicyDenial): string {
  const bound = binding === undefined ? '' : ` with binding '${binding}'`
  return `'${policy}'${bound} denied request: ${message}`
}

/** The words are those of a refusal whatever the code is. */
function refused(text: string, { reason = 'Invalid' }: PolicyDenial, request: AdmissionRequest): StatusError {
  const { kind, name, object } = request
  const called = name || (object?.metadata.generateName ?? '') || 'Unknown'
  const refusal = forbidden({ group: kind.group, resource: kind.names.plural }, called, text)
  const { message, details } = refusal
  const [known, code] = codes.get(reason) ?? ['Invalid', 422]
  return new StatusError({ code, reason: known, message, details: { ...details, causes: [{ message: text }] } })
}

const codes: ReadonlyMap<string, readonly [StatusReason, number]> = new Map([
  ['Unauthorized', ['Unauthorized', 401]],
  ['Forbidden', ['Forbidden', 403]],
  ['Invalid', ['Invalid', 422]],
  ['RequestEntityTooLarge', ['RequestEntityTooLarge', 413]],
])
