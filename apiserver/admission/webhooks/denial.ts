import type { JsonObject } from '../../../machinery/object.ts'
import { StatusError } from '../../../machinery/status.ts'
import { badRequest, statusErrorOf } from '../../../machinery/status-errors.ts'

/** The webhook said no. */
export class WebhookDenial extends StatusError {}

/** Its status, never below 400, behind words that say who it was. */
export function denied(webhook: string, status: JsonObject = {}): WebhookDenial {
  const { code: sent, message, reason } = status
  const code = typeof sent === 'number' && sent >= 400 ? sent : 400
  const by = `admission webhook ${JSON.stringify(webhook)} denied the request`
  const why = [message, reason].find((text): text is string => typeof text === 'string' && text !== '')
  const text = why === undefined ? `${by} without explanation` : `${by}: ${why}`
  const { reason: known, details } = statusErrorOf(status, code)
  return new WebhookDenial({ code, reason: known, message: text, ...(details && { details }) })
}

/** It is not asked: what it would do beside answering would be real. */
export function noDryRun(webhook: string): StatusError {
  return badRequest(`admission webhook ${JSON.stringify(webhook)} does not support dry run`)
}
