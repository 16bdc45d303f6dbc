import { onAbort } from '../waiting/on-abort.ts'
import { FairLane } from './fair-lane.ts'

export interface Work {
  readonly key: string
  /** 0 goes first. */
  readonly lane: number
  /** What may hold its workers up: never more than `shardWorkersMax` of one shard are worked on at once. */
  readonly shard: string
  /** Whose work it is: within a shard the groups take turns. */
  readonly group: string
  /** What is read for this work must be read after this moment. */
  readonly sinceMs: number
}

export interface WorkQueueOptions {
  readonly lanes: number
  readonly workers: number
  readonly shardWorkersMax: number
}

/**
 * What is to be done, each key once. Invariants:
 * 1. A key waits at most once, and it is never worked on twice at the same time: what is added meanwhile follows.
 * 2. Work that is added while it waits keeps the better lane and the later moment.
 * 3. A lane may hold stale entries of a key; `#waiting` says what is true.
 */
export class WorkQueue {
  readonly #options: WorkQueueOptions
  readonly #waiting = new Map<string, Work>()
  readonly #lanes: readonly FairLane[]
  readonly #working = new Set<string>()
  readonly #shardWorkers = new Map<string, number>()
  #handle: ((work: Work) => Promise<void>) | undefined
  #isPumpPlanned = false
  #ended: () => void = () => undefined

  constructor(options: WorkQueueOptions) {
    this.#options = options
    this.#lanes = Array.from({ length: options.lanes }, () => new FairLane())
  }

  /** How much waits. */
  get length(): number {
    return this.#waiting.size
  }

  /** What nobody who waits may be given any more was read before this moment. */
  get oldestSinceMs(): number {
    let oldestMs = Number.POSITIVE_INFINITY
    for (const { sinceMs } of this.#waiting.values()) oldestMs = Math.min(oldestMs, sinceMs)
    return oldestMs
  }

  add(work: Work): void {
    const known = this.#waiting.get(work.key)
    const lane = Math.min(work.lane, known?.lane ?? work.lane)
    this.#waiting.set(work.key, { ...work, lane, sinceMs: Math.max(work.sinceMs, known?.sinceMs ?? work.sinceMs) })
    if (known?.lane === lane || this.#working.has(work.key)) return
    this.#lanes[lane]?.push(work)
    this.#planPump()
  }

  remove(key: string): void {
    this.#waiting.delete(key)
  }

  /** Works until the signal aborts and what was begun has ended. `handle` never rejects. */
  async run(handle: (work: Work) => Promise<void>, signal: AbortSignal): Promise<void> {
    this.#handle = handle
    this.#planPump()
    await new Promise<void>((resolve) => {
      this.#ended = resolve
      const stop = (): void => {
        this.#handle = undefined
        if (this.#working.size === 0) resolve()
      }
      onAbort(signal, stop)
    })
  }

  /** Ten thousand keys added in one go are looked at once. */
  #planPump(): void {
    if (this.#isPumpPlanned) return
    this.#isPumpPlanned = true
    queueMicrotask(() => {
      this.#isPumpPlanned = false
      this.#pump()
    })
  }

  #pump(): void {
    while (this.#handle !== undefined && this.#working.size < this.#options.workers) {
      const work = this.#next()
      if (work === undefined) return
      void this.#work(work, this.#handle)
    }
  }

  #next(): Work | undefined {
    for (const [index, lane] of this.#lanes.entries()) {
      for (;;) {
        const key = lane.shift((shard) => (this.#shardWorkers.get(shard) ?? 0) < this.#options.shardWorkersMax)
        if (key === undefined) break
        const work = this.#waiting.get(key)
        if (work?.lane !== index || this.#working.has(key)) continue
        this.#waiting.delete(key)
        return work
      }
    }
    return undefined
  }

  async #work(work: Work, handle: (work: Work) => Promise<void>): Promise<void> {
    this.#working.add(work.key)
    this.#count(work.shard, 1)
    await handle(work)
    this.#count(work.shard, -1)
    this.#working.delete(work.key)
    const again = this.#waiting.get(work.key)
    if (again !== undefined) this.#lanes[again.lane]?.push(again)
    if (this.#handle === undefined && this.#working.size === 0) this.#ended()
    this.#planPump()
  }

  #count(shard: string, change: number): void {
    const count = (this.#shardWorkers.get(shard) ?? 0) + change
    if (count === 0) this.#shardWorkers.delete(shard)
    else this.#shardWorkers.set(shard, count)
  }
}
