import type { Metrics } from '../base/metrics.ts'

/** Hears of each call to a kube-apiserver, and of the beginning of each watch. */
export interface CallMetrics {
  /** `code` is absent where nobody answered. */
  called(call: {
    readonly method: string
    readonly host: string
    readonly tookMs: number
    readonly code?: number
  }): void
}

/** Of requests for which somebody waits to know who asks, and whether they may. */
export interface ReviewMetrics {
  reviewed(sort: 'authn' | 'authz', call: { readonly code: number | undefined; readonly tookMs: number }): void
}

const callBounds = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60]
const reviewBounds = [0.25, 0.5, 0.7, 1, 1.5, 3, 5, 10]

/** Under the names of client-go. */
export function callMetrics(metrics: Metrics): CallMetrics {
  const total = metrics.counter('rest_client_requests_total', 'Calls to the cluster.')
  const name = 'rest_client_request_duration_seconds'
  const duration = metrics.histogram(name, 'How long the cluster took to answer.', callBounds)
  return {
    called: ({ method, host, tookMs, code }) => {
      total.add({ code: codeText(code), method, host })
      duration.observe({ verb: method, host }, tookMs / 1000)
    },
  }
}

/** Under the names of k8s.io/apiserver's delegated authentication and authorization. */
export function reviewMetrics(metrics: Metrics): ReviewMetrics {
  const of = (sort: string, what: string) => ({
    total: metrics.counter(`apiserver_delegated_${sort}_request_total`, `Reviews of ${what} by the cluster.`),
    duration: metrics.histogram(
      `apiserver_delegated_${sort}_request_duration_seconds`,
      `How long reviews of ${what} took.`,
      reviewBounds,
    ),
  })
  const sorts = { authn: of('authn', 'tokens'), authz: of('authz', 'access') }
  return {
    reviewed: (sort, { code, tookMs }) => {
      const labels = { code: codeText(code) }
      sorts[sort].total.add(labels)
      sorts[sort].duration.observe(labels, tookMs / 1000)
    },
  }
}

function codeText(code: number | undefined): string {
  return code === undefined ? '<error>' : String(code)
}
