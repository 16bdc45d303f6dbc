import type { Outbound, OutboundResponse } from '../../base/http.ts'
import { OutboundError } from '../../base/outbound/outbound-error.ts'
import { isJsonObject } from '../../machinery/json/member.ts'
import { ProviderError, type ProviderErrorCode } from '../errors.ts'
import type { Connection } from './connection.ts'

type Fields = Readonly<Record<string, unknown>>

/** Calls of one API server. `what` names the object in errors, which are ours: a Status may quote what was sent. */
export class KubernetesApi {
  readonly #connection: Connection
  readonly #outbound: Outbound

  constructor(connection: Connection, outbound: Outbound) {
    this.#connection = connection
    this.#outbound = outbound
  }

  /** `undefined` on 404. */
  get(path: string, what: string, signal: AbortSignal): Promise<Fields | undefined> {
    return this.#call({ method: 'GET', path, what, signal })
  }

  create(path: string, body: Fields, signal: AbortSignal): Promise<Fields | undefined> {
    return this.#call({ method: 'POST', path, what: String(body.kind), body: JSON.stringify(body), signal })
  }

  async #call(call: Call): Promise<Fields | undefined> {
    const first = await this.#send(call)
    const again = first.status === 401 && (await this.#connection.token?.renew()) === true
    const answer = again ? await this.#send(call) : first
    if (answer.status === 404) return absent(call, answer)
    if (answer.status >= 300) throw refusal(answer, call.what)
    return fieldsOf(answer)
  }

  async #send({ method, path, body, signal }: Call): Promise<OutboundResponse> {
    const { server, tls, token } = this.#connection
    const url = new URL(server.href.replace(/\/$/, '') + path)
    const headers = {
      accept: 'application/json',
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: bearer(await token.current()) }),
    }
    try {
      return await this.#outbound.fetch({ method, url, headers, tls, signal, ...(body !== undefined && { body }) })
    } catch (error) {
      if (!(error instanceof OutboundError)) throw error
      const place = `${method === 'GET' ? 'Get' : 'Post'} "${url.href}"`
      throw new ProviderError('unavailable', `${place}: ${error.message}`)
    }
  }
}

interface Call {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly what: string
  readonly body?: string
  readonly signal: AbortSignal
}

function bearer(token: string): string {
  if (/^[\x21-\x7e]+$/.test(token)) return `Bearer ${token}`
  throw new ProviderError('auth-failed', 'the bearer token contains characters that cannot be sent')
}

function refusal({ status, headers }: OutboundResponse, what: string): ProviderError {
  if (status === 401) return new ProviderError('auth-failed', 'Unauthorized')
  if (status === 403) return new ProviderError('denied', `${what} is forbidden`)
  const seconds = Number(headers['retry-after'])
  const wait = seconds > 0 ? { retryAfterMs: seconds * 1000 } : {}
  const code: ProviderErrorCode = status === 429 ? 'throttled' : status < 500 ? 'invalid-ref' : 'unavailable'
  return new ProviderError(code, `${what}: the API server answered ${status}`, wait)
}

/**
 * An API server says in a Status that an object is not there. The page of a proxy must not look like a Secret that is
 * gone; a review that is not served may be refused in any words.
 */
function absent({ method, what }: Call, answer: OutboundResponse): undefined {
  if (method === 'POST' || fieldsOf(answer).kind === 'Status') return undefined
  throw new ProviderError('unavailable', `${what}: 404 from something that is not an API server`)
}

function fieldsOf({ body }: OutboundResponse): Fields {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString())
    if (isJsonObject(value)) return value
  } catch {
    // The parser's text quotes the answer.
  }
  throw new ProviderError('unavailable', 'the API server did not answer with a JSON object')
}
