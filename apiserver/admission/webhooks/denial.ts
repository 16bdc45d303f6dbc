import type { JsonObject } from '../../../machinery/object.ts'
import type { StatusError } from '../../../machinery/status.ts'
import { badRequest, statusErrorOf } from '../../../machinery/status-errors.ts'

/** The webhook said no: its status, never below 400, behind words that say who it was. */
export function denied(webhook: string, status: JsonObject = {}): StatusError {
  const { code: sent, message, reason } = status
  const code = typeof sent === 'number' && sent >= 400 ? sent : 400
  const by = `admission webhook ${JSON.stringify(webhook)} denied the request`
  const why = [message, reason].find((text): text is string => typeof text === 'string' && text !== '')
  const text = why === undefined ? `${by} without explanation` : `${by}: ${why}`
  return statusErrorOf({ ...status, code, message: text }, code)
}

/** It is not asked: what it would do beside answering would be real. */
export function noDryRun(webhook: string): StatusError {
  return badRequest(`admission webhook ${JSON.stringify(webhook)} does not support dry run`)
}
