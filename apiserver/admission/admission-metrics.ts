import type { Clock } from '../../base/clock.ts'
import type { Histogram, Labels, Metrics } from '../../base/metrics.ts'
import { type MaybePromise, observed } from '../../base/waiting/maybe-promise.ts'

/** Runs a piece of admission for a write of that operation, and keeps how long it took. */
export type Timed = <T>(operation: string, work: () => MaybePromise<T>) => MaybePromise<T>

export type Phase = 'admit' | 'validate'

/** How long admission takes, under the names of k8s.io/apiserver/pkg/admission/metrics. */
export interface AdmissionMetrics {
  /** The whole of a phase. */
  step(type: Phase): Timed
  /** One check in it. */
  check(name: string, type: Phase): Timed
}

const bounds = [0.005, 0.025, 0.1, 0.5, 1, 2.5]

export function admissionMetrics(metrics: Metrics, clock: Clock): AdmissionMetrics {
  const name = (of: string): string => `apiserver_admission_${of}_admission_duration_seconds`
  const steps = metrics.histogram(name('step'), 'How long the phases of admission took.', bounds)
  const checks = metrics.histogram(name('controller'), 'How long the checks of admission took.', bounds)
  return {
    step: (type) => timed(steps, { type }, clock),
    check: (check, type) => timed(checks, { name: check, type }, clock),
  }
}

/** A write passes a dozen of these: series are looked up once. */
function timed(histogram: Histogram, labels: Labels, clock: Clock): Timed {
  const known = new Map<string, ReturnType<Histogram['of']>>()
  const seriesOf = (operation: string, isRejected: boolean): ReturnType<Histogram['of']> => {
    const key = `${operation} ${isRejected}`
    const series = known.get(key) ?? histogram.of({ ...labels, operation, rejected: String(isRejected) })
    known.set(key, series)
    return series
  }
  return (operation, work) => {
    const startMs = clock.monotonic()
    const tell = (isRejected: boolean): void =>
      seriesOf(operation, isRejected).observe((clock.monotonic() - startMs) / 1000)
    return observed(
      work,
      () => tell(false),
      () => tell(true),
    )
  }
}
