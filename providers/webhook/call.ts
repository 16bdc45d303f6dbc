import { STATUS_CODES } from 'node:http'
import { parseGoDuration } from '../../machinery/duration.ts'
import type { Outbound, OutboundRequest } from '../../base/http.ts'
import { OutboundError } from '../../base/outbound/outbound-error.ts'
import type { TemplateData } from '../../template/template.ts'
import { ProviderError, type ProviderErrorCode } from '../errors.ts'
import type { References } from '../references.ts'
import { trustOf } from '../trust.ts'
import type { CallSpec } from './call-schema.ts'
import { type Clocks, rendered } from './render.ts'
import { methods } from './spec.ts'

export interface CallParts {
  readonly outbound: Outbound
  readonly references: References
  readonly clock: Clocks
}

interface CallData {
  /** What headers and body see. */
  readonly data: TemplateData
  /** What the URL sees: what stands in it is escaped first. */
  readonly urlData: TemplateData
}

/** The answer to the call that a spec describes. Rejects with ProviderError, `secret-missing` for 404. */
export async function answerOf(
  spec: CallSpec,
  { data, urlData }: CallData,
  { signal, ...parts }: CallParts & { readonly signal: AbortSignal },
): Promise<Uint8Array> {
  const { clock } = parts
  const url = urlOf(rendered('url', spec.url, { data: urlData, clock }))
  const headers = Object.entries(spec.headers ?? {}).map(
    ([name, value]) => [name, headerValue(name, rendered(`header ${name}`, value, { data, clock }))] as const,
  )
  const body = spec.body === undefined ? '' : rendered('body', spec.body, { data, clock })
  const ca = await trustOf(spec, parts.references)
  return sent(parts.outbound, timeoutOf(spec), {
    method: methodOf(spec),
    url,
    headers: Object.fromEntries(headers),
    signal,
    ...(body !== '' && { body }),
    ...(ca !== undefined && { tls: { ca } }),
  })
}

async function sent(outbound: Outbound, timeout: AbortSignal | undefined, request: OutboundRequest) {
  const signal = timeout === undefined ? request.signal : AbortSignal.any([request.signal, timeout])
  const { host } = request.url
  try {
    const { status, body } = await outbound.fetch({ ...request, signal })
    if (status === 404) throw new ProviderError('secret-missing', 'Secret does not exist')
    if (status === 304) throw new ProviderError('unavailable', 'not modified')
    if (status >= 200 && status < 300) return body
    throw new ProviderError(codeOf(status), `endpoint gave error ${status} ${STATUS_CODES[status] ?? ''}`.trim())
  } catch (error) {
    if (error instanceof OutboundError) {
      throw new ProviderError('unavailable', `failed to call endpoint: ${error.message}`)
    }
    request.signal.throwIfAborted()
    if (timeout?.aborted) throw new ProviderError('unavailable', `failed to call endpoint: ${host}: no answer in time`)
    if (error instanceof ProviderError) throw error
    // What undici says of a header or a body may quote it.
    throw new ProviderError('invalid-ref', `failed to call endpoint: ${host}: the call cannot be sent`)
  }
}

function codeOf(status: number): ProviderErrorCode {
  if (status === 401) return 'auth-failed'
  if (status === 403) return 'denied'
  return status === 429 ? 'throttled' : 'unavailable'
}

function urlOf(text: string): URL {
  if (URL.canParse(text)) return new URL(text)
  throw new ProviderError('invalid-ref', 'failed to parse url: it is no address such as https://host/path')
}

function headerValue(name: string, value: string): string {
  if (/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) return value
  throw new ProviderError('invalid-ref', `failed to parse header ${name}: it has characters that no header may have`)
}

function methodOf({ method = '' }: CallSpec): OutboundRequest['method'] {
  return methods.find((one) => one === method.toUpperCase()) ?? 'GET'
}

function timeoutOf({ timeout }: CallSpec): AbortSignal | undefined {
  const durationMs = timeout === undefined ? undefined : parseGoDuration(timeout)
  return durationMs === undefined || durationMs <= 0 ? undefined : AbortSignal.timeout(Math.ceil(durationMs))
}
