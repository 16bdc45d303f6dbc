import { asBuffer } from '../base/as-buffer.ts'
import type { JsonObject } from '../machinery/object.ts'
import { StatusError, type StatusCause, type StatusDetails } from '../machinery/status.ts'
import { statusErrorOf } from '../machinery/status-errors.ts'
import { ClusterError } from './errors.ts'

/** What was asked, for the words of an error. */
export interface Asked {
  readonly method: string
  readonly path: string
}

export interface RefusedAnswer {
  readonly code: number
  readonly body: Uint8Array
  readonly retryAfter: string
}

export function decodedBody(bytes: Uint8Array, asked: Asked): JsonObject {
  const value = jsonObjectOf(bytes)
  if (value === undefined)
    throw new ClusterError('cluster-answer', `${subjectOf(asked)}: the answer is not a JSON object`)
  return value
}

/** A Status as the error it stands for; anything else (a proxy's page, a redirect) by its code alone. */
export function answerError(asked: Asked, { code, body, retryAfter }: RefusedAnswer): Error {
  const subject = subjectOf(asked)
  if (code < 400) return new ClusterError('cluster-answer', `${subject}: answered with ${code}`)
  const value = jsonObjectOf(body)
  const status = value?.['kind'] === 'Status' ? value : {}
  const seconds = /^\d{1,5}$/.test(retryAfter) ? Number(retryAfter) : undefined
  return statusErrorIn(status, { code, subject, retryAfterSeconds: seconds })
}

interface Circumstances {
  readonly code: number
  readonly subject: string
  readonly retryAfterSeconds?: number | undefined
}

/**
 * The server's code and reason in our words: validation and webhooks quote what they refuse, and that may be a value
 * that nobody may read.
 */
export function statusErrorIn(
  status: JsonObject,
  { code: answered, subject, retryAfterSeconds }: Circumstances,
): StatusError {
  const { code, reason, details } = statusErrorOf(status, answered)
  const told = detailsOf(details, retryAfterSeconds)
  const message = `${subject}: the cluster answered ${code}${reason === '' ? '' : ` ${reason}`}`
  return new StatusError({ code, reason, message, ...(told && { details: told }) })
}

function detailsOf(details: StatusDetails | undefined, headerSeconds: number | undefined): StatusDetails | undefined {
  if (details === undefined && headerSeconds === undefined) return undefined
  const { name, group, kind, uid, causes, retryAfterSeconds = headerSeconds } = details ?? {}
  return {
    ...(name !== undefined && { name }),
    ...(group !== undefined && { group }),
    ...(kind !== undefined && { kind }),
    ...(uid !== undefined && { uid }),
    ...(Array.isArray(causes) && { causes: causes.map(causeOf) }),
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  }
}

function causeOf({ reason, field }: StatusCause): StatusCause {
  return { ...(reason !== undefined && { reason }), ...(field !== undefined && { field }) }
}

/** Queries hold selectors, and those are not ours to tell. */
function subjectOf({ method, path }: Asked): string {
  return `${method} ${path.replace(/\?.*$/s, '')}`
}

function jsonObjectOf(bytes: Uint8Array): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(asBuffer(bytes).toString())
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined
  } catch {
    return undefined
  }
}
