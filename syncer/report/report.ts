import type { WorkNext } from '../../base/queues/work-loop.ts'
import type { ExternalSecret, ExternalSecretStatus } from '../../kinds/external-secret/v1.ts'
import { isStatusReason } from '../../machinery/status.ts'
import type { Happening } from '../events.ts'
import { retryPauseMax } from '../schedule.ts'
import { failedWith, isWorthWriting, type PassResult, saysAlready, statusAfter } from '../status.ts'
import type { SyncerParts } from '../syncer-parts.ts'
import { statusManager } from '../target/marks.ts'
import { secretWords, type Words } from '../target/words.ts'

export interface Reported {
  /** Of the ExternalSecret. */
  readonly key: string
  readonly object: ExternalSecret
  readonly startMs: number
  readonly words?: Words
}

/** What a pass that went through to its end has told. */
export interface PassOutcome {
  readonly result: PassResult
  /** With what came of it, whether that was worth writing or not. */
  readonly status: ExternalSecretStatus
}

/** Tells how a look at an ExternalSecret ended: in its status, and in detail by events. */
export class Report {
  readonly #parts: SyncerParts
  readonly #reported: Reported
  #outcome: PassOutcome | undefined

  constructor(parts: SyncerParts, reported: Reported) {
    this.#parts = parts
    this.#reported = reported
  }

  /** Undefined while the pass is put off or has to be made again. */
  get outcome(): PassOutcome | undefined {
    return this.#outcome
  }

  get retry(): WorkNext {
    const { spec } = this.#reported.object
    return { next: 'retry', pauseMaxMs: retryPauseMax(spec, this.#parts.options.retryMaxMs) }
  }

  tell(type: Happening['type'], reason: string, message: string): void {
    const { object } = this.#reported
    this.#parts.events.tell({ component: 'external-secrets', object, type, reason, message })
  }

  /** What fails while the syncer ends may fail because of it: the next one finds out, and tells. */
  async failed(message: string, detail: string, next: WorkNext): Promise<WorkNext> {
    if (this.#parts.signal.aborted) return { next: 'again' }
    this.tell('Warning', 'UpdateFailed', detail)
    return (await this.write(failedWith(message, detail))) ?? next
  }

  /** Answers what to do instead where the status could not be written. Of a pass that wrote, the time is told, too. */
  async write(result: PassResult, { hasWritten = false } = {}): Promise<WorkNext | undefined> {
    const { clients, externalSecrets, options } = this.#parts
    const { key, object, startMs, words = secretWords } = this.#reported
    const told = { ...result, reason: words.reason(result.reason) }
    const granularityMs = options.refreshTimeGranularityMs
    if (!hasWritten && saysAlready(object, told, { startMs, granularityMs })) return this.#ended(told)
    const status = statusAfter(object, told, startMs)
    if (!hasWritten && !isWorthWriting(object.status, status, granularityMs)) return this.#ended(told)
    try {
      const written = await clients.externalSecrets.updateStatus({ ...object, status }, { fieldManager: statusManager })
      externalSecrets.written(key, written)
      return this.#ended(told)
    } catch (error) {
      if (isStatusReason(error, 'NotFound')) return { next: 'nothing' }
      return isStatusReason(error, 'Conflict') ? { next: 'again' } : this.retry
    }
  }

  #ended(result: PassResult): undefined {
    const { object, startMs } = this.#reported
    this.#outcome = new Ended(object, result, startMs)
  }
}

/** Few ask for the whole status. */
class Ended implements PassOutcome {
  readonly result: PassResult
  readonly #object: ExternalSecret
  readonly #startMs: number

  constructor(object: ExternalSecret, result: PassResult, startMs: number) {
    this.result = result
    this.#object = object
    this.#startMs = startMs
  }

  get status(): ExternalSecretStatus {
    return statusAfter(this.#object, this.result, this.#startMs)
  }
}
