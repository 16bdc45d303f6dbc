import type { Clock } from '../../base/clock.ts'
import type { Histogram, Labels, Metrics } from '../../base/metrics.ts'
import type { Observer } from '../../base/waiting/maybe-promise.ts'

/** Keeps how long a piece of admission took for a write of each operation. */
export type Durations = Observer<{ readonly operation: string }, unknown>

export type Phase = 'admit' | 'validate'

/** How long admission takes, under the names of k8s.io/apiserver/pkg/admission/metrics. */
export interface AdmissionMetrics {
  /** The whole of a phase. */
  step(type: Phase): Durations
  /** One check in it. */
  check(name: string, type: Phase): Durations
}

const bounds = [0.005, 0.025, 0.1, 0.5, 1, 2.5]

export function admissionMetrics(metrics: Metrics, clock: Clock): AdmissionMetrics {
  const name = (of: string): string => `apiserver_admission_${of}_admission_duration_seconds`
  const steps = metrics.histogram(name('step'), 'How long the phases of admission took.', bounds)
  const checks = metrics.histogram(name('controller'), 'How long the checks of admission took.', bounds)
  return {
    step: (type) => durationsOf(steps, { type }, clock),
    check: (check, type) => durationsOf(checks, { name: check, type }, clock),
  }
}

function durationsOf(histogram: Histogram, labels: Labels, clock: Clock): Durations {
  const admitted = seriesOf(histogram, labels, false)
  const rejected = seriesOf(histogram, labels, true)
  const tookSeconds = (startMs: number): number => (clock.monotonic() - startMs) / 1000
  return {
    begun: () => clock.monotonic(),
    fulfilled: (startMs, _, { operation }) => admitted(operation).observe(tookSeconds(startMs)),
    rejected: (startMs, { operation }) => rejected(operation).observe(tookSeconds(startMs)),
  }
}

/** Looked up once. */
function seriesOf(
  histogram: Histogram,
  labels: Labels,
  isRejected: boolean,
): (operation: string) => ReturnType<Histogram['of']> {
  const known = new Map<string, ReturnType<Histogram['of']>>()
  return (operation) => {
    let series = known.get(operation)
    if (series === undefined) {
      series = histogram.of({ ...labels, operation, rejected: String(isRejected) })
      known.set(operation, series)
    }
    return series
  }
}
