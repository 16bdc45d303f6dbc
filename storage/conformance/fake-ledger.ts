import { StatusError, type StatusReason } from '../../machinery/status.ts'
import type { LedgerPage, NewEntry, StoreLedger } from '../custody/ledger.ts'

export const around = 5000

/** A page in memory, with a cluster around it that can go away. */
export class FakeLedger implements StoreLedger {
  page: LedgerPage = { record: undefined, refused: undefined, accepted: undefined, version: undefined }
  isAway = false
  /** Where the cluster around it is, and whether that asks anybody else. */
  around = around
  isUnknown = false
  /** How often it is told of changes. */
  intervalMs = 1000
  /** Writes wait for it. */
  hold: Promise<void> = Promise.resolve()
  writes = 0
  #version = 0

  async read(): Promise<LedgerPage> {
    this.#assertThere()
    return this.page
  }

  async write({ version }: LedgerPage, { record, refused, accepted }: NewEntry): Promise<LedgerPage> {
    await this.hold
    this.#assertThere()
    if (version !== this.page.version) throw refusal(this.page.version === undefined ? 'NotFound' : 'Conflict')
    this.writes += 1
    this.scribble({ record, refused, accepted })
    return this.page
  }

  /** What others do to the page. */
  scribble(change: Partial<LedgerPage>): void {
    this.page = { ...this.page, ...change, version: String(++this.#version) }
  }

  #assertThere(): void {
    if (this.isAway) throw new Error('unreachable')
  }
}

function refusal(reason: StatusReason): StatusError {
  return new StatusError({ code: 409, reason, message: reason })
}
