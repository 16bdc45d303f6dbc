import type { Metrics, Tally } from '../../../base/metrics.ts'

/** Counts what goes out on watches under the names of k8s.io/apiserver/pkg/endpoints/metrics. */
export interface WatchMetrics {
  of(resource: WatchedResource): WatchSeries
}

export interface WatchedResource {
  readonly group: string
  readonly version: string
  readonly resource: string
}

/** Of one resource. Streams that are sent the same events share their tally. */
export interface WatchSeries {
  /** Of events that have these sizes in bytes. */
  tally(sizes: readonly number[]): Tally
  sent(events: Tally): void
  /** The state that a watch begins with is out, `tookMs` after its request came. */
  listed(scope: string, tookMs: number): void
}

const listBounds = [0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 2, 4, 6, 8, 10, 15, 20, 30, 45, 60]
const sizeBounds = [1, 2, 4, 8, 16, 32, 64, 128].map((kibibytes) => kibibytes * 1024)

export function watchMetrics(metrics: Metrics): WatchMetrics {
  const total = metrics.counter('apiserver_watch_events_total', 'Events sent to watches.')
  const sizes = metrics.histogram('apiserver_watch_events_sizes', 'Bytes of an event sent to a watch.', sizeBounds)
  const lists = metrics.histogram(
    'apiserver_watch_list_duration_seconds',
    'From arrival to the bookmark behind the state that a watch begins with.',
    listBounds,
  )
  const known = new Map<string, WatchSeries>()
  const seriesOf = ({ group, version, resource }: WatchedResource): WatchSeries => {
    const labels = { group, version, resource }
    const [ownTotal, ownSizes] = [total.of(labels), sizes.of(labels)]
    return {
      tally: (values) => sizes.tally(values),
      sent: (events) => {
        ownTotal.add(events.count)
        ownSizes.add(events)
      },
      listed: (scope, tookMs) => lists.observe({ ...labels, scope }, tookMs / 1000),
    }
  }
  return {
    of: (resource) => {
      const key = `${resource.group}/${resource.version}/${resource.resource}`
      const series = known.get(key) ?? seriesOf(resource)
      known.set(key, series)
      return series
    },
  }
}
