import type { MaybePromise } from '../waiting/maybe-promise.ts'
import { LRUCache } from 'lru-cache'
import type { Clock } from '../clock.ts'

/**
 * Answers of somebody else, kept for a while and never more than so many of them. Who asks while a call for the same is
 * on its way gets that call's answer. What fails is not kept.
 */
export class AnswerCache<T extends object> {
  readonly #clock: Clock
  readonly #lifetimeMs: number
  readonly #answers: LRUCache<string, { readonly answer: T; readonly untilMs: number }>
  readonly #calls = new Map<string, Promise<T>>()

  constructor({ clock, lifetimeMs, countMax }: AnswerCacheOptions) {
    this.#clock = clock
    this.#lifetimeMs = lifetimeMs
    this.#answers = new LRUCache({ max: countMax })
  }

  /** At once when the answer is known. */
  get(key: string, call: () => Promise<T>): MaybePromise<T> {
    const known = this.#answers.get(key)
    if (known !== undefined && this.#clock.monotonic() < known.untilMs) return known.answer
    const running = this.#calls.get(key)
    if (running !== undefined) return running
    const promise = this.#ask(key, call).finally(() => this.#calls.delete(key))
    this.#calls.set(key, promise)
    return promise
  }

  async #ask(key: string, call: () => Promise<T>): Promise<T> {
    const answer = await call()
    this.#answers.set(key, { answer, untilMs: this.#clock.monotonic() + this.#lifetimeMs })
    return answer
  }
}

interface AnswerCacheOptions {
  readonly clock: Clock
  readonly lifetimeMs: number
  readonly countMax: number
}
