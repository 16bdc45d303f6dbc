import type { MaybePromise } from '../waiting/maybe-promise.ts'
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
  readonly #mayGo = (shard: string): boolean => (this.#shardWorkers.get(shard) ?? 0) < this.#options.shardWorkersMax
  #handle: ((work: Work) => MaybePromise<void>) | undefined
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
    const wanted = known === undefined ? work : joined(known, work)
    this.#waiting.set(work.key, wanted)
    if (known?.lane === wanted.lane || this.#working.has(work.key)) return
    this.#lanes[wanted.lane]?.push(work)
    this.#planPump()
  }

  remove(key: string): void {
    this.#waiting.delete(key)
  }

  /** Works until the signal aborts and what was begun has ended. `handle` never throws nor rejects. */
  async run(handle: (work: Work) => MaybePromise<void>, signal: AbortSignal): Promise<void> {
    this.#handle = handle
    this.#planPump()
    await new Promise<void>((resolve) => {
      this.#ended = resolve
      const stop = (): void => {
        this.#handle = undefined
        // What is being begun right now is under way by then.
        void Promise.resolve().then(() => this.#endWhenIdle())
      }
      onAbort(signal, stop)
    })
  }

  /** Ten thousand keys added in one go are looked at once. */
  #planPump(): void {
    if (this.#isPumpPlanned) return
    this.#isPumpPlanned = true
    // A promise is a third of what queueMicrotask makes.
    void Promise.resolve().then(this.#pump)
  }

  readonly #pump = (): void => {
    this.#isPumpPlanned = false
    while (this.#handle !== undefined && this.#working.size < this.#options.workers) {
      const work = this.#next()
      if (work === undefined) return
      this.#work(work, this.#handle)
    }
  }

  #next(): Work | undefined {
    for (let index = 0; index < this.#lanes.length; index++) {
      for (;;) {
        const key = this.#lanes[index]?.shift(this.#mayGo)
        if (key === undefined) break
        const work = this.#waiting.get(key)
        if (work?.lane !== index || this.#working.has(key)) continue
        this.#waiting.delete(key)
        return work
      }
    }
    return undefined
  }

  /** What is done at once was never under way. */
  #work(work: Work, handle: (work: Work) => MaybePromise<void>): void {
    const working = handle(work)
    if (!(working instanceof Promise)) return
    this.#working.add(work.key)
    this.#count(work.shard, 1)
    void working.then(() => this.#worked(work))
  }

  #worked(work: Work): void {
    this.#count(work.shard, -1)
    this.#working.delete(work.key)
    const again = this.#waiting.get(work.key)
    if (again !== undefined) this.#lanes[again.lane]?.push(again)
    this.#endWhenIdle()
    this.#planPump()
  }

  #endWhenIdle(): void {
    if (this.#handle === undefined && this.#working.size === 0) this.#ended()
  }

  #count(shard: string, change: number): void {
    const count = (this.#shardWorkers.get(shard) ?? 0) + change
    if (count === 0) this.#shardWorkers.delete(shard)
    else this.#shardWorkers.set(shard, count)
  }
}

/** The better lane and the later moment. */
function joined(known: Work, work: Work): Work {
  return { ...work, lane: Math.min(known.lane, work.lane), sinceMs: Math.max(known.sinceMs, work.sinceMs) }
}
