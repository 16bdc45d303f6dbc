import type { Clock } from '../../base/clock.ts'
import type { Counter, Histogram, Metrics } from '../../base/metrics.ts'
import type { FlowControl } from '../flow-control/flow-control.ts'
import type { Exchange } from './exchange.ts'

const durationBounds = [
  0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60,
]
const serviceBounds = durationBounds.filter((bound) => bound >= 0.05)

/** Counts requests and their durations under the names of k8s.io/apiserver/pkg/endpoints/metrics. */
export interface RequestMetrics {
  begin(exchange: Exchange): void
  end(exchange: Exchange, code: number): void
}

export function requestMetrics(metrics: Metrics, clock: Clock, flow: FlowControl): RequestMetrics {
  const total = metrics.counter('apiserver_request_total', 'Requests answered.')
  const duration = metrics.histogram(
    'apiserver_request_duration_seconds',
    'From arrival to the last byte.',
    durationBounds,
  )
  const service = metrics.histogram(
    'apiserver_request_sli_duration_seconds',
    'The same without what webhooks took and without waiting for a turn; no dry runs.',
    serviceBounds,
  )
  const terminated = metrics.counter('apiserver_request_terminations_total', 'Requests given up in self-defense.')
  const current = metrics.gauge('apiserver_current_inflight_requests', 'Requests being worked on.')
  const longRunning = metrics.gauge('apiserver_longrunning_requests', 'Open watches.')
  let longRunningCount = 0
  metrics.onRender(() => {
    current.set({ request_kind: 'readOnly' }, flow.count('readOnly'))
    current.set({ request_kind: 'mutating' }, flow.count('mutating'))
    longRunning.set({}, longRunningCount)
  })
  const known = new Map<string, Sort>()
  const sortOf = (exchange: Exchange, code: number): Sort => {
    const dryRun = exchange.query.get('dryRun') === null ? '' : 'All'
    const key = `${keyOf(exchange, code)} ${dryRun}`
    const found = known.get(key)
    if (found !== undefined) return found
    const labels = labelsOf(exchange)
    const made = {
      total: total.of({ ...labels, dry_run: dryRun, code: String(code) }),
      duration: duration.of({ ...labels, dry_run: dryRun }),
      service: dryRun === '' ? service.of(labels) : undefined,
    }
    if (known.size < sortsCountMax) known.set(key, made)
    return made
  }
  return {
    begin: (exchange) => {
      if (exchange.isLongRunning) longRunningCount += 1
    },
    end: (exchange, code) => {
      const sort = sortOf(exchange, code)
      sort.total.add()
      if (isSelfDefense(exchange, code)) terminated.add({ ...labelsOf(exchange), code: String(code) })
      if (exchange.isLongRunning) {
        longRunningCount -= 1
        return
      }
      const endMs = clock.monotonic()
      const tookMs = endMs - exchange.startMs
      sort.duration.observe(tookMs / 1000)
      sort.service?.observe((tookMs - exchange.waitedBy(endMs)) / 1000)
    },
  }
}

/** Requests that differ in name and namespace only. */
interface Sort {
  readonly total: ReturnType<Counter['of']>
  readonly duration: ReturnType<Histogram['of']>
  /** Without dry runs. */
  readonly service: ReturnType<Histogram['of']> | undefined
}

/** Turned away, or cut off when its time was up; a handler may answer 504 for reasons of its own. */
function isSelfDefense({ isAborted }: Exchange, code: number): boolean {
  return code === 429 || (code === 504 && isAborted)
}

const sortsCountMax = 2000

function keyOf({ info }: Exchange, code: number): string {
  const { verb, group, version, resource, subresource } = info
  return `${verb} ${group} ${version} ${resource} ${subresource} ${info.name === ''} ${info.namespace === ''} ${code}`
}

const verbNames: Readonly<Record<string, string>> = { create: 'POST', update: 'PUT' }

function labelsOf({ info }: Exchange): Readonly<Record<string, string>> {
  const { group, version, resource, subresource } = info
  const scope = !info.isResourceRequest
    ? ''
    : info.name !== ''
      ? 'resource'
      : info.namespace !== ''
        ? 'namespace'
        : 'cluster'
  const verb = verbNames[info.verb] ?? info.verb.toUpperCase()
  return { verb, group, version, resource, subresource, scope, component: 'apiserver' }
}
