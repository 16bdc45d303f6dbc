/**
 * secret-missing: the provider is sure that the key, version or property is not there (the deletion policy may act).
 * auth-failed, denied: who we are is refused; what we ask is refused. throttled, unavailable: try again later. invalid-
 * ref: the reference cannot mean anything for this provider, or a property is not there and the provider calls that an
 * ordinary error. invalid-value: the value cannot be read as asked. needs-consumer: a credential lies in the consumer's
 * namespace, and a store alone has none: it cannot be checked by itself.
 */
export type ProviderErrorCode =
  | 'secret-missing'
  | 'auth-failed'
  | 'denied'
  | 'throttled'
  | 'unavailable'
  | 'invalid-ref'
  | 'invalid-value'
  | 'unsupported'
  | 'needs-consumer'

/** The message is ours: it names keys and places, never a value, and never the text of a library or of a provider. */
export class ProviderError extends Error {
  override readonly name = 'ProviderError'
  readonly code: ProviderErrorCode
  /** When the provider said how long to wait. */
  readonly retryAfterMs: number | undefined

  constructor(code: ProviderErrorCode, message: string, options: { retryAfterMs?: number } = {}) {
    super(message)
    this.code = code
    this.retryAfterMs = options.retryAfterMs
  }
}
