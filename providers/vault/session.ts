import { ProviderError, type ProviderErrorCode } from '../errors.ts'
import type { ConnectContext } from '../provider.ts'
import { renewableToken, staticToken, type TokenSource } from '../token-source.ts'
import { VaultRefusal, type VaultCall, type VaultHttp } from './http.ts'
import { login } from './login.ts'
import type { VaultSpec } from './spec.ts'

/** Requests as one identity: the token is shown, exchanged before it ends, and given back when it was ours alone. */
export class VaultSession implements AsyncDisposable {
  readonly #http: VaultHttp
  readonly #namespace: string | undefined
  readonly #token: TokenSource | undefined
  #revocable: boolean

  private constructor(spec: VaultSpec, http: VaultHttp, token: TokenSource | undefined) {
    this.#http = http
    this.#namespace = spec.namespace
    this.#token = token
    this.#revocable = token !== undefined && spec.auth?.tokenSecretRef === undefined
  }

  /** Without `auth` no token is sent: an agent or proxy in between adds one. */
  static async open(spec: VaultSpec, http: VaultHttp, context: ConnectContext): Promise<VaultSession> {
    if (spec.auth === undefined) return new VaultSession(spec, http, undefined)
    const selector = spec.auth.tokenSecretRef
    if (selector !== undefined) {
      return new VaultSession(spec, http, staticToken(await context.references.secretKey(selector)))
    }
    let signal = context.signal
    const token = await renewableToken(() => login(spec, http, { ...context, signal }), context.clock)
    // Later logins belong to whoever reads then; the limits of the outbound agent bound them.
    signal = new AbortController().signal
    return new VaultSession(spec, http, token)
  }

  get hasToken(): boolean {
    return this.#token !== undefined
  }

  /** `undefined` when there is nothing at that path. */
  read(path: string, signal: AbortSignal): Promise<string | undefined> {
    return this.#call((call) => this.#http.read(path, call), signal)
  }

  list(path: string, signal: AbortSignal): Promise<string | undefined> {
    return this.#call((call) => this.#http.list(path, call), signal)
  }

  write(path: string, body: unknown, signal: AbortSignal): Promise<string | undefined> {
    return this.#call((call) => this.#http.write(path, body, call), signal)
  }

  /** A token we logged in for is revoked, as ESO does; a failure leaves it to its own end. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#revocable) return
    this.#revocable = false
    const signal = AbortSignal.timeout(5000)
    await this.#call((call) => this.#http.write('auth/token/revoke-self', {}, call), signal).catch(() => undefined)
  }

  async #call(send: (call: VaultCall) => Promise<string>, signal: AbortSignal): Promise<string | undefined> {
    try {
      return await this.#shown(send, signal)
    } catch (error) {
      if (!(error instanceof VaultRefusal)) throw error
      if (error.status === 404) return undefined
      const wait = error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }
      throw new ProviderError(codeOf(error.status), error.message, wait)
    }
  }

  /** A refusal may mean that the token was revoked by someone else: one new login tells. */
  async #shown(send: (call: VaultCall) => Promise<string>, signal: AbortSignal): Promise<string> {
    const once = async () => send({ token: await this.#token?.current(), namespace: this.#namespace, signal })
    try {
      return await once()
    } catch (error) {
      const refused = error instanceof VaultRefusal && error.status === 403
      if (!refused || (await this.#token?.renew()) !== true) throw error
      return once()
    }
  }
}

function codeOf(status: number): ProviderErrorCode {
  if (status === 403) return 'denied'
  if (status === 429) return 'throttled'
  return status === 400 || status === 405 ? 'invalid-ref' : 'unavailable'
}
