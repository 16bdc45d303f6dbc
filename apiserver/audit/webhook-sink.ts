import type { Clock } from '../../base/clock.ts'
import type { Outbound, TlsIdentity } from '../../base/http.ts'
import { Backoff } from '../../base/queues/backoff.ts'

export interface AuditWebhookOptions {
  readonly url: URL
  readonly tls: TlsIdentity
  /** Read anew for each call: tokens in files are replaced there. */
  readonly token: () => Promise<string | undefined>
  readonly outbound: Outbound
  readonly clock: Clock
  readonly attemptsMax: number
}

/** Sends an EventList; tries again where that may help, with pauses that grow. Rejects when it gives up. */
export function auditWebhook(
  options: AuditWebhookOptions,
): (lines: readonly string[], signal: AbortSignal) => Promise<void> {
  return async (lines, signal) => {
    const body = `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[${lines.join(',')}]}`
    const backoff = new Backoff({ firstMs: 1_000, maxMs: 30_000 })
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await send(options, body)
      if (outcome === 'delivered') return
      // At the end of the process there is one attempt and no more.
      if (outcome === 'refused' || attempt >= options.attemptsMax || signal.aborted) {
        throw new Error('the audit webhook did not take the events')
      }
      await options.clock.sleep(backoff.failed('webhook'), signal).catch(() => undefined)
    }
  }
}

type Outcome = 'delivered' | 'refused' | 'failed'

async function send({ url, tls, token, outbound }: AuditWebhookOptions, body: string): Promise<Outcome> {
  try {
    const bearer = await token()
    const headers = {
      'content-type': 'application/json',
      ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
    }
    // The agent has a limit of its own; the end of the process waits for it.
    const { signal } = new AbortController()
    const { status } = await outbound.fetch({ method: 'POST', url, headers, body, tls, signal })
    if (status >= 200 && status < 300) return 'delivered'
    return status === 429 || status >= 500 ? 'failed' : 'refused'
  } catch {
    return 'failed'
  }
}
