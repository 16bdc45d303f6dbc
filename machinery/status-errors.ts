import type { FieldError } from './field-error.ts'
import { fieldCause } from './field-error.ts'
import { qualifiedName } from './group-version.ts'
import type { JsonObject } from './object.ts'
import type { Status, StatusCause, StatusDetails, StatusReason } from './status.ts'
import { StatusError } from './status.ts'

/** The refusals of the API, with the exact texts of apimachinery's api/errors and of kube-apiserver's router. */

export interface GroupResource {
  readonly group: string
  /** The plural, `widgets`. */
  readonly resource: string
}

export interface GroupKind {
  readonly group: string
  readonly kind: string
}

export function notFound(of: GroupResource, name: string): StatusError {
  const message = `${resourceText(of)} ${quoted(name)} not found`
  return new StatusError({ code: 404, reason: 'NotFound', message, details: resourceDetails(of, name) })
}

/** No such path below the API. */
export function unknownPath(): StatusError {
  const message = 'the server could not find the requested resource'
  return new StatusError({ code: 404, reason: 'NotFound', message, details: {} })
}

export function alreadyExists(of: GroupResource, name: string): StatusError {
  const message = `${resourceText(of)} ${quoted(name)} already exists`
  return new StatusError({ code: 409, reason: 'AlreadyExists', message, details: resourceDetails(of, name) })
}

/** The name is taken by an object that has not gone yet. */
export function beingDeleted(of: GroupResource, name: string): StatusError {
  const { message } = alreadyExists(of, name)
  const details = resourceDetails(of, name)
  return new StatusError({
    code: 409,
    reason: 'AlreadyExists',
    message: `object is being deleted: ${message}`,
    details,
  })
}

/** No free name was found for metadata.generateName. */
export function nameNotGenerated(of: GroupResource, name: string): StatusError {
  const { message } = alreadyExists(of, name)
  return new StatusError({
    code: 409,
    reason: 'AlreadyExists',
    message: `${message}, the server was not able to generate a unique name for the object`,
    details: { ...resourceDetails(of, name), retryAfterSeconds: 1 },
  })
}

export function conflict(of: GroupResource, name: string, why: string): StatusError {
  const message = `Operation cannot be fulfilled on ${resourceText(of)} ${quoted(name)}: ${why}`
  return new StatusError({ code: 409, reason: 'Conflict', message, details: resourceDetails(of, name) })
}

/** The resourceVersion of the request is not the stored one. */
export function modifiedConflict(of: GroupResource, name: string): StatusError {
  const why = 'the object has been modified; please apply your changes to the latest version and try again'
  return conflict(of, name, why)
}

/** Server-side apply met fields of other managers: one cause each. */
export function applyConflict(message: string, causes: readonly StatusCause[]): StatusError {
  return new StatusError({ code: 409, reason: 'Conflict', message, details: { causes } })
}

export function invalid(of: GroupKind, name: string, errors: readonly FieldError[]): StatusError {
  const unique = uniqueErrors(errors)
  const texts = unique.map((error) => `${error.field}: ${error.message}`)
  const list = texts.length === 1 ? `: ${texts[0]}` : texts.length === 0 ? '' : `: [${texts.join(', ')}]`
  const message = `${qualifiedName(of.kind, of.group)} ${quoted(name)} is invalid${list}`
  const causes = unique.map(fieldCause)
  const details = detailsOf({ name, group: of.group, kind: of.kind, causes })
  return new StatusError({ code: 422, reason: 'Invalid', message, details })
}

/** 422 without causes: what a JSON patch gets whose operations cannot be done. */
export function unprocessable(): StatusError {
  const message = 'the server rejected our request due to an error in our request'
  return new StatusError({ code: 422, reason: 'Invalid', message, details: {} })
}

export function badRequest(message: string): StatusError {
  return new StatusError({ code: 400, reason: 'BadRequest', message })
}

export function unauthorized(): StatusError {
  return new StatusError({ code: 401, reason: 'Unauthorized', message: 'Unauthorized' })
}

/** `name` is '' for requests that name no object; `why` is the authorizer's or the admission check's sentence. */
export function forbidden(of: GroupResource, name: string, why: string): StatusError {
  const subject = name === '' ? resourceText(of) : `${resourceText(of)} ${quoted(name)}`
  const message = escapeHtml(`${subject} is forbidden: ${why}`)
  return new StatusError({ code: 403, reason: 'Forbidden', message, details: resourceDetails(of, name) })
}

export function forbiddenPath(userName: string, action: { verb: string; path: string }): StatusError {
  const message = escapeHtml(`forbidden: User ${quoted(userName)} cannot ${action.verb} path ${quoted(action.path)}`)
  return new StatusError({ code: 403, reason: 'Forbidden', message, details: {} })
}

/** The router knows the path but not the method. */
export function methodNotAllowed(): StatusError {
  const message = 'the server does not allow this method on the requested resource'
  return new StatusError({ code: 405, reason: 'MethodNotAllowed', message, details: {} })
}

/** The resource does not offer the verb. */
export function verbNotSupported(of: GroupResource, verb: string): StatusError {
  const message = `${verb} is not supported on resources of kind ${quoted(resourceText(of))}`
  return new StatusError({ code: 405, reason: 'MethodNotAllowed', message, details: resourceDetails(of, '') })
}

export function notAcceptable(accepted: readonly string[]): StatusError {
  const message = `only the following media types are accepted: ${accepted.join(', ')}`
  return new StatusError({ code: 406, reason: 'NotAcceptable', message })
}

/** 406 too: the form is known, but this object has none of it. */
export function notConvertible(message: string): StatusError {
  return new StatusError({ code: 406, reason: 'NotAcceptable', message })
}

export function unsupportedMediaType(accepted: readonly string[]): StatusError {
  const types = accepted.join(', ')
  const message = `the body of the request was in an unknown format - accepted media types include: ${types}`
  return new StatusError({ code: 415, reason: 'UnsupportedMediaType', message })
}

export function requestEntityTooLarge(detail: string): StatusError {
  const message = `Request entity too large: ${detail}`
  return new StatusError({ code: 413, reason: 'RequestEntityTooLarge', message })
}

export function expired(message: string): StatusError {
  return new StatusError({ code: 410, reason: 'Expired', message })
}

/** A resourceVersion that this server has not reached. */
export function resourceVersionTooLarge(asked: string, current: string): StatusError {
  return new StatusError({
    code: 504,
    reason: 'Timeout',
    message: `Timeout: Too large resource version: ${asked}, current: ${current}`,
    details: {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
  })
}

export function timeout(text: string): StatusError {
  return new StatusError({ code: 504, reason: 'Timeout', message: `Timeout: ${text}`, details: {} })
}

const tryAgain = 'could not be completed at this time, please try again.'

/** Failed for now, worth trying again. */
export function serverTimeout(of: GroupResource, operation: string): StatusError {
  return new StatusError({
    code: 500,
    reason: 'ServerTimeout',
    message: `The ${operation} operation against ${resourceText(of)} ${tryAgain}`,
    details: { ...resourceDetails(of, operation), retryAfterSeconds: 2 },
  })
}

export function tooManyRequests(message: string, retryAfterSeconds: number): StatusError {
  return new StatusError({ code: 429, reason: 'TooManyRequests', message, details: { retryAfterSeconds } })
}

export function serviceUnavailable(message: string, details?: { readonly retryAfterSeconds: number }): StatusError {
  return new StatusError({ code: 503, reason: 'ServiceUnavailable', message, ...(details && { details }) })
}

/** `text` is ours: an error of a library may quote its input. */
export function internalError(text: string): StatusError {
  const details = { causes: [{ message: text }] }
  return new StatusError({ code: 500, reason: 'InternalError', message: `Internal error occurred: ${text}`, details })
}

/** The body of the answer, members in the order in which Go writes them. */
export function statusOf(error: StatusError): Status {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: error.continue === undefined ? {} : { continue: error.continue },
    status: 'Failure',
    message: error.message,
    ...(error.reason !== '' && { reason: error.reason }),
    ...(error.details && { details: orderedDetails(error.details) }),
    code: error.code,
  }
}

/** The error that a kube-apiserver's body stands for. `code` is the one of the response, for bodies without. */
export function statusErrorOf(status: JsonObject, code: number): StatusError {
  const { message, reason, details } = status
  return new StatusError({
    code: typeof status.code === 'number' && status.code > 0 ? status.code : code,
    reason: isReason(reason) ? reason : '',
    message: typeof message === 'string' ? message : `the server answered with code ${code}`,
    ...(isObject(details) && { details }),
  })
}

const reasons = {
  Unauthorized: true,
  Forbidden: true,
  NotFound: true,
  AlreadyExists: true,
  Conflict: true,
  Gone: true,
  Invalid: true,
  ServerTimeout: true,
  Timeout: true,
  TooManyRequests: true,
  BadRequest: true,
  MethodNotAllowed: true,
  NotAcceptable: true,
  RequestEntityTooLarge: true,
  UnsupportedMediaType: true,
  InternalError: true,
  Expired: true,
  ServiceUnavailable: true,
  StoreReadError: true,
  '': true,
} as const satisfies Record<StatusReason, true>

function isReason(value: unknown): value is StatusReason {
  return typeof value === 'string' && Object.hasOwn(reasons, value)
}

function isObject(value: unknown): value is StatusDetails {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function resourceText(of: GroupResource): string {
  return qualifiedName(of.resource, of.group)
}

function resourceDetails(of: GroupResource, name: string): StatusDetails {
  return detailsOf({ name, group: of.group, kind: of.resource })
}

function detailsOf(details: StatusDetails): StatusDetails {
  return {
    ...(details.name && { name: details.name }),
    ...(details.group && { group: details.group }),
    ...(details.kind && { kind: details.kind }),
    ...(details.causes && details.causes.length > 0 && { causes: details.causes }),
  }
}

function orderedDetails(details: StatusDetails): JsonObject {
  const { name, group, kind, uid, causes, retryAfterSeconds } = details
  return {
    ...(name && { name }),
    ...(group && { group }),
    ...(kind && { kind }),
    ...(uid && { uid }),
    ...(causes && causes.length > 0 && { causes: causes.map(orderedCause) }),
    ...(retryAfterSeconds && { retryAfterSeconds }),
  }
}

function orderedCause({ reason, message, field }: StatusCause): JsonObject {
  return { ...(reason && { reason }), ...(message && { message }), ...(field && { field }) }
}

function uniqueErrors(errors: readonly FieldError[]): readonly FieldError[] {
  const seen = new Map<string, FieldError>()
  for (const error of errors) {
    const field = error.field === '' ? '<nil>' : error.field
    const key = `${field}: ${error.message}`
    if (!seen.has(key)) seen.set(key, { ...error, field })
  }
  return [...seen.values()]
}

function quoted(text: string): string {
  return JSON.stringify(text)
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
