import { STATUS_CODES } from 'node:http'
import type { Outbound, OutboundRequest, OutboundResponse } from '../../../base/http.ts'
import { OutboundError } from '../../../base/outbound/outbound-error.ts'
import { baseUrl } from '../../base-url.ts'
import { ProviderError, type ProviderErrorCode } from '../../errors.ts'
import { ApiAnswer } from './api-answer.ts'

/** One call of an API that speaks JSON. */
export interface ApiCall {
  /** What was tried, as it stands before every error. */
  readonly purpose: string
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly url: URL
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: ApiBody | undefined
  /** PEM of the CA certificates that replace the system's. */
  readonly ca?: string | undefined
}

type ApiBody = { readonly json: unknown } | { readonly form: Readonly<Record<string, string>> }

interface CallParts {
  readonly outbound: Outbound
  readonly signal: AbortSignal
}

/** Rejects with ProviderError. Texts name host and status alone: an answer may quote what it was sent. */
export async function apiAnswer(call: ApiCall, { outbound, signal }: CallParts): Promise<ApiAnswer> {
  const response = await sent(call, outbound, signal)
  if (isSuccess(response)) return ApiAnswer.of(response.body, call.purpose)
  throw refusalOf(call, response)
}

/**
 * The same of a call that removes something, whose answer may be empty. What is not there is removed; but only the API
 * itself says so in JSON, and a proxy in front of it that knows no such path does not.
 */
export async function apiRemoval(call: ApiCall, { outbound, signal }: CallParts): Promise<void> {
  const response = await sent(call, outbound, signal)
  if (isSuccess(response)) return
  if (response.status !== 404) throw refusalOf(call, response)
  ApiAnswer.of(response.body, `${call.purpose}: ${call.url.host} answered 404`)
}

function isSuccess({ status }: OutboundResponse): boolean {
  return status >= 200 && status < 300
}

function refusalOf({ purpose, url }: ApiCall, { status, headers }: OutboundResponse): ProviderError {
  const seconds = Number(headers['retry-after'])
  const wait = seconds > 0 ? { retryAfterMs: seconds * 1000 } : {}
  const text = `${purpose}: ${url.host} answered ${status} ${STATUS_CODES[status] ?? ''}`.trim()
  return new ProviderError(codeOf(status), text, wait)
}

/** What a spec gives as an address, without slashes at its end. */
export function apiAddress(text: string, field: string): string {
  if (baseUrl(text) !== undefined) return text.replace(/\/+$/, '')
  throw new ProviderError('invalid-ref', `${field} is not an address such as https://host/path`)
}

/** What a spec gives as a host, perhaps with a port. */
export function hostAddress(host: string, field: string): string {
  if (/^[^/@]+$/.test(host) && baseUrl(`https://${host}`) !== undefined) return `https://${host}`
  throw new ProviderError('invalid-ref', `${field} is not a host such as registry.example.com`)
}

/** One step of a path: dots would lead out of it. */
export function pathSegment(text: string, field: string): string {
  if (!/^\.{0,2}$/.test(text)) return encodeURIComponent(text)
  throw new ProviderError('invalid-ref', `${field} must be a name`)
}

export function basicAuth(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}

async function sent(call: ApiCall, outbound: Outbound, signal: AbortSignal): Promise<OutboundResponse> {
  try {
    return await outbound.fetch({ ...requestOf(call), signal })
  } catch (error) {
    if (error instanceof OutboundError) throw new ProviderError('unavailable', `${call.purpose}: ${error.message}`)
    throw error
  }
}

function requestOf({ purpose, method, url, headers = {}, body, ca }: ApiCall): Omit<OutboundRequest, 'signal'> {
  const [type, text] = body === undefined ? [] : encoded(body)
  const all = {
    accept: 'application/json',
    // GitHub refuses whoever has none.
    'user-agent': 'external-secrets-apiserver',
    ...(type !== undefined && { 'content-type': type }),
    ...headers,
  }
  for (const [name, value] of Object.entries(all)) checkHeader(name, value, purpose)
  return {
    method,
    url,
    headers: all,
    ...(text !== undefined && { body: text }),
    ...(ca !== undefined && { tls: { ca } }),
  }
}

function encoded(body: ApiBody): readonly [type: string, text: string] {
  if ('json' in body) return ['application/json', JSON.stringify(body.json)]
  return ['application/x-www-form-urlencoded', new URLSearchParams(body.form).toString()]
}

/** Most often a line's end after a token; what is said of it elsewhere would be that the connection failed. */
function checkHeader(name: string, value: string, purpose: string): void {
  if (/^[\t\x20-\x7e]*$/.test(value)) return
  const text = `${purpose}: what is sent as ${name} has characters that no header may have, such as a line's end`
  throw new ProviderError('auth-failed', text)
}

function codeOf(status: number): ProviderErrorCode {
  if (status === 401) return 'auth-failed'
  if (status === 403) return 'denied'
  if (status === 429) return 'throttled'
  return status >= 400 && status < 500 ? 'invalid-ref' : 'unavailable'
}
