import type { Metrics } from '../../base/metrics.ts'
import { codeText } from './call-metrics.ts'

/** Hears of the questions for whose answer a request waits. */
export interface ReviewMetrics {
  reviewed(sort: 'authn' | 'authz', call: { readonly code: number | undefined; readonly tookMs: number }): void
}

const bounds = [0.25, 0.5, 0.7, 1, 1.5, 3, 5, 10]

/** Under the names of k8s.io/apiserver's delegated authentication and authorization. */
export function reviewMetrics(metrics: Metrics): ReviewMetrics {
  const of = (sort: string, what: string) => {
    const name = `apiserver_delegated_${sort}_request`
    const total = metrics.counter(`${name}_total`, `Reviews of ${what} by the cluster.`)
    return {
      total,
      duration: metrics.histogram(`${name}_duration_seconds`, `How long reviews of ${what} took.`, bounds),
    }
  }
  const sorts = { authn: of('authn', 'tokens'), authz: of('authz', 'access') }
  return {
    reviewed: (sort, { code, tookMs }) => {
      const labels = { code: codeText(code) }
      sorts[sort].total.add(labels)
      sorts[sort].duration.observe(labels, tookMs / 1000)
    },
  }
}
