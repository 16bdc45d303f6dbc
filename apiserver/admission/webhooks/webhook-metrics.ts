import type { Clock } from '../../../base/clock.ts'
import type { Metrics } from '../../../base/metrics.ts'
import type { AdmissionRequest } from '../admission.ts'
import { WebhookDenial } from './denial.ts'
import { FailedCall } from './failed-call.ts'
import type { Webhook } from './webhook.ts'

/** What becomes of calls, under the names of k8s.io/apiserver/pkg/admission/metrics. */
export interface WebhookMetrics {
  /** Runs one call, which rejects with FailedCall also where that is passed over. */
  follow<T>(call: FollowedCall, work: () => Promise<T>): Promise<T>
}

interface FollowedCall {
  readonly type: 'admit' | 'validating'
  readonly webhook: Webhook
  readonly request: AdmissionRequest
}

/** Webhooks have up to 30 s. */
const bounds = [0.005, 0.025, 0.1, 0.5, 1, 2.5, 10, 25]

export function webhookMetrics(metrics: Metrics, clock: Clock): WebhookMetrics {
  const name = (of: string): string => `apiserver_admission_webhook_${of}`
  const duration = metrics.histogram(name('admission_duration_seconds'), 'How long calls of webhooks took.', bounds)
  const calls = metrics.counter(name('request_total'), 'Calls of webhooks, by the code of what came of them.')
  const rejections = metrics.counter(name('rejection_count'), 'Writes that a webhook, or the lack of it, refused.')
  const failedOpen = metrics.counter(name('fail_open_count'), 'Calls that failed and were passed over.')
  const tell = ({ type, webhook, request }: FollowedCall, outcome: Outcome, startMs: number): void => {
    const { code, error, isRejected } = outcome
    const labels = { name: webhook.spec.name, type, operation: request.operation }
    const rejected = String(isRejected)
    const endMs = clock.monotonic()
    request.context.waited(startMs, endMs)
    calls.add({ ...labels, code, rejected })
    duration.observe({ ...labels, rejected }, (endMs - startMs) / 1000)
    if (error === undefined) return
    if (isRejected) rejections.add({ ...labels, error_type: error, rejection_code: code })
    else failedOpen.add({ name: webhook.spec.name, type })
  }
  return {
    follow: async (call, work) => {
      const startMs = clock.monotonic()
      try {
        const done = await work()
        tell(call, { code: '200', error: undefined, isRejected: false }, startMs)
        return done
      } catch (error) {
        tell(call, outcomeOf(error, call), startMs)
        throw error
      }
    },
  }
}

interface Outcome {
  readonly code: string
  /** Why there is no answer; `no_error`: the answer is no. */
  readonly error: 'no_error' | 'calling_webhook_error' | 'apiserver_internal_error' | undefined
  readonly isRejected: boolean
}

function outcomeOf(error: unknown, { webhook, request }: FollowedCall): Outcome {
  if (error instanceof FailedCall) {
    const code = codeText(error.code)
    return { code, error: 'calling_webhook_error', isRejected: !webhook.ignoresFailure }
  }
  if (error instanceof WebhookDenial) return { code: codeText(error.code), error: 'no_error', isRejected: true }
  // A client that went away tells nothing of the webhook.
  const isGivenUp = request.context.signal()?.aborted === true
  if (isGivenUp) return { code: codeText(unavailable), error: undefined, isRejected: !webhook.ignoresFailure }
  return { code: '0', error: 'apiserver_internal_error', isRejected: true }
}

const unavailable = 503
const codeMax = 600

/** A webhook may answer any number, and no number of series must come of it. */
function codeText(code: number): string {
  return String(Math.min(code, codeMax))
}
