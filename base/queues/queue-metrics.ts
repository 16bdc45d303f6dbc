import type { Metrics } from '../metrics.ts'

/** Hears what becomes of the work of one queue. */
export interface QueueReport {
  /** Asked when somebody looks. */
  depth(read: () => number): void
  added(): void
  begun(waitedMs: number): void
  ended(tookMs: number): void
  retried(): void
}

/** Of the queue of that name. */
export type QueueMetrics = (name: string) => QueueReport

const bounds = [1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 0.001, 0.01, 0.1, 1, 10]

/** Queues in numbers, under the names of client-go. */
export function queueMetrics(metrics: Metrics): QueueMetrics {
  const depth = metrics.gauge('workqueue_depth', 'How much waits.')
  const adds = metrics.counter('workqueue_adds_total', 'What came to wait.')
  const waiting = metrics.histogram('workqueue_queue_duration_seconds', 'How long work waited.', bounds)
  const working = metrics.histogram('workqueue_work_duration_seconds', 'How long work took.', bounds)
  const retries = metrics.counter('workqueue_retries_total', 'What is tried again.')
  return (name) => {
    const [added, waited] = [adds.of({ name }), waiting.of({ name })]
    const [worked, retried] = [working.of({ name }), retries.of({ name })]
    return {
      depth: (read) => metrics.onRender(() => depth.set({ name }, read())),
      added: () => added.add(),
      begun: (waitedMs) => waited.observe(waitedMs / 1000),
      ended: (tookMs) => worked.observe(tookMs / 1000),
      retried: () => retried.add(),
    }
  }
}
