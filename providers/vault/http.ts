import nodeVault, { type client as NodeVaultClient } from 'node-vault'
import type { Outbound, TlsIdentity } from '../../base/http.ts'
import { OutboundError } from '../../base/outbound/outbound-error.ts'
import { baseUrl } from '../base-url.ts'
import { ProviderError } from '../errors.ts'
import { isJson } from '../../base/json/go-json.ts'
import type { VaultSpec } from './spec.ts'

/**
 * node-vault behind our own transport. Left to itself it would follow redirects, use proxy variables, take a token from
 * the environment, print bodies when DEBUG is set and read numbers as float64; through its transport hook every request
 * goes by the guarded agent, and answers come back as the text they are.
 */
export class VaultHttp {
  readonly #client: NodeVaultClient
  readonly #headers: Readonly<Record<string, string>>

  constructor(spec: VaultSpec, tls: TlsIdentity, outbound: Outbound) {
    this.#headers = headersOf(spec)
    this.#client = nodeVault({
      endpoint: serverOf(spec),
      apiVersion: 'v1',
      noCustomHTTPVerbs: true,
      debug: () => undefined,
      'request-promise': { defaults: () => transport(outbound, tls) },
    })
    // What node-vault took from VAULT_TOKEN and its kin is not ours to show.
    Object.assign(this.#client, { token: '', namespace: '', pathPrefix: '' })
  }

  read(path: string, call: VaultCall): Promise<string> {
    return this.#send((options) => this.#client.read(path, options), call)
  }

  list(path: string, call: VaultCall): Promise<string> {
    return this.#send((options) => this.#client.list(path, options), call)
  }

  write(path: string, body: unknown, call: VaultCall): Promise<string> {
    return this.#send((options) => this.#client.write(path, body, options), call)
  }

  async #send(send: (options: object) => Promise<unknown>, { token, namespace, signal }: VaultCall): Promise<string> {
    const headers = {
      ...this.#headers,
      'X-Vault-Request': 'true',
      ...(namespace !== undefined && { 'X-Vault-Namespace': namespace }),
      ...(token !== undefined && { 'X-Vault-Token': printable(token) }),
    }
    return String(await send({ headers, signal }))
  }
}

export interface VaultCall {
  readonly token: string | undefined
  readonly namespace: string | undefined
  readonly signal: AbortSignal
}

/** Every answer but a success. `place` is method and URL. */
export class VaultRefusal extends Error {
  override readonly name = 'VaultRefusal'
  readonly place: string
  readonly status: number
  readonly retryAfterMs: number | undefined

  constructor(place: string, status: number, retryAfter: string | undefined) {
    super(`${place}: ${[status, reasons.get(status)].filter((part) => part !== undefined).join(' ')}`)
    this.place = place
    this.status = status
    this.retryAfterMs = Number(retryAfter) > 0 ? Number(retryAfter) * 1000 : undefined
  }
}

const reasons: ReadonlyMap<number, string> = new Map([
  [400, 'the request is not valid'],
  [403, 'permission denied'],
  [404, 'not found'],
  [412, 'the node is behind'],
  [429, 'too many requests'],
  [503, 'sealed or in maintenance'],
])

interface NodeVaultRequest {
  readonly method: 'GET' | 'POST'
  readonly uri: string
  readonly headers: Readonly<Record<string, string>>
  readonly json?: unknown
  readonly signal: AbortSignal
}

function transport(outbound: Outbound, tls: TlsIdentity) {
  return async ({ method, uri, headers, json, signal }: NodeVaultRequest) => {
    const url = new URL(uri)
    const body = json === undefined ? undefined : JSON.stringify(json)
    const place = `${method === 'GET' ? 'Get' : 'Post'} "${uri}"`
    try {
      const sent = { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) }
      const answer = await outbound.fetch({
        method,
        url,
        headers: sent,
        tls,
        signal,
        ...(body !== undefined && { body }),
      })
      if (answer.status === 404 && !isObjectText(answer.body)) {
        throw new ProviderError('unavailable', `${place}: 404 from something that is not Vault`)
      }
      if (answer.status !== 200 && answer.status !== 204) {
        throw new VaultRefusal(place, answer.status, answer.headers['retry-after'])
      }
      return { statusCode: 200, body: Buffer.from(answer.body).toString(), request: { path: url.pathname } }
    } catch (error) {
      if (error instanceof OutboundError) throw new ProviderError('unavailable', `${place}: ${error.message}`)
      throw error
    }
  }
}

/** Vault says in JSON that a key is not there. The page of a proxy must not look like a key that is gone. */
function isObjectText(body: Uint8Array): boolean {
  const text = Buffer.from(body).toString()
  return text.startsWith('{') && isJson(text)
}

function serverOf({ server }: VaultSpec): string {
  if (/^https?:\/\/[^/?#]+/.test(server) && baseUrl(server) !== undefined) return server.replace(/\/+$/, '')
  throw new ProviderError('invalid-ref', 'server is not an address such as https://vault.example.com:8200')
}

function headersOf({ headers, readYourWrites, forwardInconsistent }: VaultSpec): Readonly<Record<string, string>> {
  const forward = readYourWrites === true && forwardInconsistent === true
  return { ...headers, ...(forward && { 'X-Vault-Inconsistent': 'forward-active-node' }) }
}

function printable(token: string): string {
  if (/^[\x20-\x7e]*$/.test(token)) return token
  const text = 'configured Vault token contains non-printable characters and cannot be used'
  throw new ProviderError('auth-failed', text)
}
