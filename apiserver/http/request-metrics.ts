import type { Clock } from '../../base/clock.ts'
import type { Counter, Histogram, Metrics } from '../../base/metrics.ts'
import type { FlowControl } from '../flow-control/flow-control.ts'
import { noResource, type RequestInfo, type ResourcePath, scopeOf } from '../request-info.ts'
import type { Exchange } from './exchange.ts'

const durationBounds = [
  0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60,
]
const sizeBounds = [1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9]
const serviceBounds = durationBounds.filter((bound) => bound >= 0.05)

/** Counts requests and their durations under the names of k8s.io/apiserver/pkg/endpoints/metrics. */
export interface RequestMetrics {
  begin(exchange: Exchange): void
  end(exchange: Exchange, code: number): void
}

export interface RequestMetricsOptions {
  readonly clock: Clock
  readonly flow: FlowControl
  readonly resources: readonly ResourcePath[]
}

export function requestMetrics(metrics: Metrics, { clock, flow, resources }: RequestMetricsOptions): RequestMetrics {
  const served = new Set(resources.map(pathOf))
  const sortOf = sortsOf(metrics, served)
  const gaveUp = givenUp(metrics)
  const current = metrics.gauge('apiserver_current_inflight_requests', 'Requests being worked on.')
  const longRunning = metrics.gauge('apiserver_longrunning_requests', 'Open watches.')
  const addLongRunning = ({ info }: Exchange, amount: number): void =>
    void longRunning.add(labelsOf(served.has(pathOf(info)) ? info : nameless(info)), amount)
  metrics.onRender(() => {
    current.set({ request_kind: 'readOnly' }, flow.count('readOnly'))
    current.set({ request_kind: 'mutating' }, flow.count('mutating'))
  })
  return {
    begin: (exchange) => {
      if (exchange.isLongRunning) addLongRunning(exchange, 1)
    },
    end: (exchange, code) => {
      const sort = sortOf(exchange, code)
      sort.total.add()
      sort.sizes?.observe(exchange.sentBytes)
      if (exchange.isCut || isSelfDefense(exchange, code)) gaveUp(exchange, sort.labels, code)
      if (exchange.isLongRunning) {
        addLongRunning(exchange, -1)
        return
      }
      const endMs = clock.monotonic()
      const tookMs = endMs - exchange.startMs
      sort.duration.observe(tookMs / 1000)
      sort.service?.observe((tookMs - exchange.waitedBy(endMs)) / 1000)
    },
  }
}

/** Requests that were not answered to their end, and it was not their client who left. */
function givenUp(metrics: Metrics): (exchange: Exchange, labels: RequestLabels, code: number) => void {
  const terminated = metrics.counter('apiserver_request_terminations_total', 'Requests given up in self-defense.')
  const aborted = metrics.counter('apiserver_request_aborts_total', 'Answers cut off in the middle.')
  const unread = metrics.counter('apiserver_terminated_watchers_total', 'Watches closed because nobody read them.')
  return (exchange, labels, code) => {
    if (isSelfDefense(exchange, code)) terminated.add({ ...labels, code: String(code) })
    if (!exchange.isCut) return
    const { component: _, ...about } = labels
    aborted.add(about)
    if (exchange.isLongRunning) unread.add({ group: about.group, resource: about.resource })
  }
}

/** Turned away, or cut off when its time was up; a handler may answer 504 for reasons of its own. */
function isSelfDefense({ isAborted }: Exchange, code: number): boolean {
  return code === 429 || (code === 504 && isAborted)
}

/** Requests that differ in name and namespace only. */
interface Sort {
  readonly labels: RequestLabels
  readonly total: ReturnType<Counter['of']>
  readonly duration: ReturnType<Histogram['of']>
  /** Without dry runs. */
  readonly service: ReturnType<Histogram['of']> | undefined
  /** Of those that read. */
  readonly sizes: ReturnType<Histogram['of']> | undefined
}

const sortsCountMax = 2000

/** Looked up once: what is remembered has only names that somebody else than the caller chose. */
function sortsOf(metrics: Metrics, served: ReadonlySet<string>): (exchange: Exchange, code: number) => Sort {
  const make = newSorts(metrics)
  const isRoute = (info: RequestInfo, code: number): boolean => code !== 405 && served.has(pathOf(info))
  const known = new Map<string, Sort>()
  return ({ info: asked, isApply, query }, code) => {
    const info = isApply ? { ...asked, verb: 'apply' } : asked
    const dryRun = query.get('dryRun') === null ? '' : 'All'
    const found = known.get(keyOf(info, code, dryRun))
    if (found !== undefined) return found
    const about = isRoute(info, code) ? info : nameless(info)
    const key = keyOf(about, code, dryRun)
    const sort = known.get(key) ?? make(labelsOf(about), code, dryRun)
    if (known.size < sortsCountMax) known.set(key, sort)
    return sort
  }
}

function newSorts(metrics: Metrics): (labels: RequestLabels, code: number, dryRun: string) => Sort {
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
  const sizes = metrics.histogram('apiserver_response_sizes', 'Bytes of the bodies of what is read.', sizeBounds)
  return (labels, code, dryRun) => ({
    labels,
    total: total.of({ ...labels, dry_run: dryRun, code: String(code) }),
    duration: duration.of({ ...labels, dry_run: dryRun }),
    service: dryRun === '' ? service.of(labels) : undefined,
    sizes: readVerbs.has(labels.verb) ? sizes.of(labels) : undefined,
  })
}

const readVerbs: ReadonlySet<string> = new Set(['GET', 'LIST', 'WATCH'])

type About = Omit<RequestInfo, 'path'>

function nameless({ verb }: About): About {
  return { ...noResource, verb: verbNames.has(verb) ? verb : otherVerb }
}

/** A decoded segment may hold a slash: then there are too many of them for any path that is served. */
function pathOf({ group, version, resource, subresource }: ResourcePath): string {
  return `${group}/${version}/${resource}/${subresource}`
}

function keyOf(
  { verb, group, version, resource, subresource, name, namespace }: About,
  code: number,
  dryRun: string,
): string {
  return `${verb} ${group} ${version} ${resource} ${subresource} ${name === ''} ${namespace === ''} ${code} ${dryRun}`
}

/** Of verbs and methods that Kubernetes knows; a client may send any other. */
const verbNames: ReadonlyMap<string, string> = new Map([
  ...['get', 'list', 'watch', 'patch', 'apply', 'delete', 'deletecollection', 'proxy', 'connect'].map(
    (verb) => [verb, verb.toUpperCase()] as const,
  ),
  ['head', 'GET'],
  ['create', 'POST'],
  ['post', 'POST'],
  ['update', 'PUT'],
  ['put', 'PUT'],
])

const otherVerb = 'other'

type RequestLabels = Readonly<
  Record<'verb' | 'group' | 'version' | 'resource' | 'subresource' | 'scope' | 'component', string>
>

function labelsOf(info: About): RequestLabels {
  const { group, version, resource, subresource } = info
  const verb = verbNames.get(info.verb) ?? otherVerb
  return { verb, group, version, resource, subresource, scope: scopeOf(info), component: 'apiserver' }
}
