import type { Revision } from './backend.ts'

/**
 * The newest entries of a sequence, dropped from the old end.
 *
 * Invariants:
 * 1. Revisions ascend, and every entry's is above `start`.
 * 2. Nothing that was pushed with a revision above `start` is missing.
 */
export class RevisionWindow<E extends { readonly revision: Revision }> {
  #entries: E[] = []
  #head = 0
  #start: Revision

  constructor(start: Revision) {
    this.#start = start
  }

  get start(): Revision {
    return this.#start
  }

  get length(): number {
    return this.#entries.length - this.#head
  }

  oldest(): E | undefined {
    return this.#entries[this.#head]
  }

  push(entry: E): void {
    this.#entries.push(entry)
  }

  dropOldest(): E | undefined {
    const dropped = this.#entries[this.#head]
    if (!dropped) return undefined
    this.#start = dropped.revision
    this.#head++
    if (this.#head * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#head)
      this.#head = 0
    }
    return dropped
  }

  /** The entries behind `revision`, which must not be below `start`. */
  after(revision: Revision, limit = Number.POSITIVE_INFINITY): readonly E[] {
    const first = this.#indexAbove(revision)
    return this.#entries.slice(first, first + limit)
  }

  find(revision: Revision): E | undefined {
    const entry = this.#entries[this.#indexAbove(revision) - 1]
    return entry?.revision === revision && revision > this.#start ? entry : undefined
  }

  #indexAbove(revision: Revision): number {
    let low = this.#head
    let high = this.#entries.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const entry = this.#entries[middle]
      if (entry && entry.revision <= revision) low = middle + 1
      else high = middle
    }
    return low
  }
}
