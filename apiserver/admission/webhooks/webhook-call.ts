import type { WebhookClientConfig } from '../configuration.ts'

/**
 * Sends a review to a webhook, as a POST of JSON. Rejects with an error whose message is ours and quotes no body, also
 * when the answer is not one of 2xx: its `code` is the error's then.
 */
export type CallWebhook = (config: WebhookClientConfig, body: string, options: CallOptions) => Promise<Uint8Array>

export interface CallOptions {
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
}
