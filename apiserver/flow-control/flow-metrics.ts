import type { Metrics } from '../../base/metrics.ts'
import type { FlowReport } from './place.ts'
import type { PriorityLevel } from './priority-level.ts'
import type { Seats } from './seats.ts'

export type FlowKind = 'readOnly' | 'mutating' | 'watch'

/** Numbers under the names of k8s.io/apiserver/pkg/util/flowcontrol; `request_kind` is ours. */
export interface FlowMetrics {
  report(level: PriorityLevel, kind: FlowKind): FlowReport
  show(level: PriorityLevel, kind: FlowKind, seats: Seats): void
}

const waitBounds = [0, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30]

export function flowMetrics(metrics: Metrics): FlowMetrics {
  const name = (rest: string): string => `apiserver_flowcontrol_${rest}`
  const limit = metrics.gauge(name('nominal_limit_seats'), 'Requests that may be worked on at once.')
  const taken = metrics.gauge(name('current_executing_seats'), 'Requests being worked on.')
  const waiting = metrics.gauge(name('current_inqueue_requests'), 'Requests that wait for their turn.')
  const dispatched = metrics.counter(name('dispatched_requests_total'), 'Requests that got their turn.')
  const rejected = metrics.counter(name('rejected_requests_total'), 'Requests that did not get a turn, by reason.')
  const wait = metrics.histogram(name('request_wait_duration_seconds'), 'How long turns were waited for.', waitBounds)
  return {
    report: (level, kind) => {
      const labels = labelsOf(level, kind)
      const [own, ownWait] = [dispatched.of(labels), wait.of(labels)]
      return {
        seated: (waitMs) => {
          own.add()
          if (level !== 'exempt') ownWait.observe(waitMs / 1000)
        },
        rejected: (reason) => rejected.add({ ...labels, reason }),
      }
    },
    show: (level, kind, seats) => {
      const labels = labelsOf(level, kind)
      if (Number.isFinite(seats.limit)) limit.set(labels, seats.limit)
      taken.set(labels, seats.takenCount)
      waiting.set(labels, seats.waitingCount)
    },
  }
}

function labelsOf(level: PriorityLevel, kind: FlowKind): Readonly<Record<string, string>> {
  return { priority_level: level, request_kind: kind }
}
