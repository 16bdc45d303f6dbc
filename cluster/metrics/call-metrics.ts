import type { Metrics } from '../../base/metrics.ts'

/** Hears of each call to a kube-apiserver, and of the beginning of each watch. */
export interface CallMetrics {
  called(call: Call): void
}

interface Call {
  readonly method: string
  readonly host: string
  readonly tookMs: number
  /** Absent where nobody answered. */
  readonly code?: number
}

const bounds = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60]

/** Under the names of client-go. */
export function callMetrics(metrics: Metrics): CallMetrics {
  const total = metrics.counter('rest_client_requests_total', 'Calls to the cluster.')
  const name = 'rest_client_request_duration_seconds'
  const duration = metrics.histogram(name, 'How long the cluster took to answer.', bounds)
  return {
    called: ({ method, host, tookMs, code }) => {
      total.add({ code: codeText(code), method, host })
      duration.observe({ verb: method, host }, tookMs / 1000)
    },
  }
}

/** As client-go says that nobody answered. */
export function codeText(code: number | undefined): string {
  return code === undefined ? '<error>' : String(code)
}
