import { onAbort } from '../../base/waiting/on-abort.ts'
import type { ExternalSecret } from '../../kinds/external-secret/v1.ts'
import type { PassOutcome } from '../report/report.ts'

/** A moment and a state of the object: what was begun earlier, or saw an older spec, is no answer. */
export interface Asked {
  readonly sinceMs: number
  readonly generation: number
}

interface Wish extends Asked {
  readonly passed: (outcome: PassOutcome) => void
  readonly failed: (error: Error) => void
}

/**
 * Who wants an ExternalSecret refreshed at once, by its key. A wish stays until a pass that began after it, on an
 * object no older, has come to an end: one that was put off, or met somebody else's write, is followed by another.
 */
export class RefreshWishes {
  readonly #wishes = new Map<string, Set<Wish>>()

  /** Nobody waits for what comes of it. */
  add(key: string, asked: Asked): void {
    this.#put(key, { ...asked, passed: () => undefined, failed: () => undefined })
  }

  /** What came of it. Rejects with a StatusError, or with the reason of the signal. */
  outcome(key: string, asked: Asked, signal: AbortSignal): Promise<PassOutcome> {
    return new Promise((resolve, reject) => {
      const abandon = (): void => {
        this.#remove(key, wish)
        reject(signal.reason as Error)
      }
      const settled = <T>(settle: (value: T) => void): ((value: T) => void) => {
        return (value) => {
          unheard()
          settle(value)
        }
      }
      const wish: Wish = { ...asked, passed: settled(resolve), failed: settled(reject) }
      this.#put(key, wish)
      const unheard = onAbort(signal, abandon)
    })
  }

  /** Whether a pass that reads what is newer than `sinceMs` is to ask the provider, whatever is due. */
  isWished(key: string, sinceMs: number): boolean {
    const wishes = this.#wishes.get(key)
    return wishes !== undefined && [...wishes].some((wish) => wish.sinceMs <= sinceMs)
  }

  passed(key: string, { sinceMs, generation }: Asked, outcome: PassOutcome): void {
    for (const wish of this.#wishes.get(key) ?? []) {
      if (wish.sinceMs > sinceMs || wish.generation > generation) continue
      this.#remove(key, wish)
      wish.passed(outcome)
    }
  }

  /** There will be no such pass. */
  refuse(key: string, why: () => Error): void {
    for (const wish of this.#wishes.get(key) ?? []) wish.failed(why())
    this.#wishes.delete(key)
  }

  refuseAll(why: () => Error): void {
    for (const key of this.#wishes.keys()) this.refuse(key, why)
  }

  #put(key: string, wish: Wish): void {
    const known = this.#wishes.get(key)
    if (known === undefined) this.#wishes.set(key, new Set([wish]))
    else known.add(wish)
  }

  #remove(key: string, wish: Wish): void {
    const known = this.#wishes.get(key)
    known?.delete(wish)
    if (known?.size === 0) this.#wishes.delete(key)
  }
}

/** What a pass over the object answers. */
export function answeredBy({ metadata }: ExternalSecret, sinceMs: number): Asked {
  return { sinceMs, generation: metadata.generation ?? 0 }
}
