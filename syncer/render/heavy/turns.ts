import { LRUCache } from 'lru-cache'
import { FairLane } from '../../../base/queues/fair-lane.ts'

/** How many groups are remembered as slow; of more, the one that was slow longest ago is as good as new. */
const slowGroupsMax = 1000

/**
 * One at a time. Groups take turns, and one whose last work had to be ended waits until nobody else does: what it costs
 * the others is the rest of a work that has begun, however much of it there is.
 */
export class Turns {
  readonly #lane = new FairLane()
  readonly #waiting = new Map<string, () => void>()
  readonly #slow = new LRUCache<string, true>({ max: slowGroupsMax })
  #isTaken = false
  #asked = 0

  async take<R>(group: string, work: () => Promise<R>): Promise<R> {
    if (this.#isTaken) await this.#wait(group)
    this.#isTaken = true
    try {
      return await work()
    } finally {
      this.#pass()
    }
  }

  ended(group: string, how: 'by itself' | 'by force'): void {
    if (how === 'by force') this.#slow.set(group, true)
    else this.#slow.delete(group)
  }

  #wait(group: string): Promise<void> {
    this.#asked += 1
    const key = String(this.#asked)
    return new Promise((resolve) => {
      this.#waiting.set(key, resolve)
      this.#lane.push({ key, shard: group, group })
    })
  }

  /** To the next, with nobody in between: it stays taken. */
  #pass(): void {
    const key = this.#lane.shift((group) => !this.#slow.has(group)) ?? this.#lane.shift(() => true) ?? ''
    const go = this.#waiting.get(key)
    this.#waiting.delete(key)
    if (go === undefined) this.#isTaken = false
    else go()
  }
}
