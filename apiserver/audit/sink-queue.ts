import { Bell } from '../../base/waiting/bell.ts'
import type { Counter } from '../../base/metrics.ts'
import type { AuditEvent } from './audit-event.ts'
import type { AuditSink } from './audit-trail.ts'

export interface SinkQueueOptions {
  /** As kube-apiserver's metrics name it. */
  readonly plugin: 'log' | 'webhook'
  readonly eventsMax: number
  readonly batchEventsMax: number
  /** `apiserver_audit_error_total`. */
  readonly lost: Counter
  /** Resolves when the batch is out; what it rejects for is lost, counted, and stops nothing. */
  readonly deliver: (lines: readonly string[], signal: AbortSignal) => Promise<void>
}

/**
 * Between requests and a sink that may be slow: events wait here as text, so many at most, and what comes then is
 * dropped and counted. A request never waits for its audit.
 */
export class SinkQueue implements AuditSink {
  readonly #options: SinkQueueOptions
  readonly #bell = new Bell()
  readonly #errors: { add(amount?: number): void }
  #waiting: string[] = []

  constructor(options: SinkQueueOptions) {
    this.#options = options
    this.#errors = options.lost.of({ plugin: options.plugin })
  }

  take(event: AuditEvent): void {
    if (this.#waiting.length >= this.#options.eventsMax) return void this.#errors.add()
    this.#waiting.push(JSON.stringify(event))
    this.#bell.ring()
  }

  /** Until the signal aborts; then what waits is delivered once more and it resolves. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (this.#waiting.length === 0) await this.#bell.rung(signal)
      await this.#drain(signal)
    }
    await this.#drain(signal)
  }

  async #drain(signal: AbortSignal): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, this.#options.batchEventsMax)
      this.#waiting = this.#waiting.slice(batch.length)
      try {
        await this.#options.deliver(batch, signal)
      } catch {
        this.#errors.add(batch.length)
      }
    }
  }
}
