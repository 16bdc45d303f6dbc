/**
 * What is at hand is answered as it is: a promise for each would often cost more than what it is for. On the way of
 * every write it is awaited only where it is a promise: `await` of a value costs a turn.
 */
export type MaybePromise<T> = T | Promise<T>

/** Told how each call ended, before whoever called hears of it. */
export interface Observer<A, T> {
  /** The moment that the others are told again. */
  begun(): number
  fulfilled(startMs: number, found: T, about: A): void
  rejected(startMs: number, about: A): void
}

/** A call with what it is about, and what else it needs. */
type Call<A, B, T> = (about: A, more: B) => MaybePromise<T>

/** The call with an observer. Every write makes dozens of these: nothing is made for one that answers at once. */
export function observed<A, T>(
  call: (about: A) => MaybePromise<T>,
  observer: Observer<A, NoInfer<T>>,
): (about: A) => MaybePromise<T>
export function observed<A, B, T>(call: Call<A, B, T>, observer: Observer<A, NoInfer<T>>): Call<A, B, T>
export function observed<A, B, T>(call: Call<A, B, T>, observer: Observer<A, T>): Call<A, B, T> {
  return (about, more) => {
    const startMs = observer.begun()
    let found: MaybePromise<T>
    try {
      found = call(about, more)
    } catch (error) {
      observer.rejected(startMs, about)
      throw error
    }
    if (found instanceof Promise) return observedLater(found, { startMs, about, observer })
    observer.fulfilled(startMs, found, about)
    return found
  }
}

interface Begun<A, T> {
  readonly startMs: number
  readonly about: A
  readonly observer: Observer<A, T>
}

async function observedLater<A, T>(work: Promise<T>, { startMs, about, observer }: Begun<A, T>): Promise<T> {
  let found: T
  try {
    found = await work
  } catch (error) {
    observer.rejected(startMs, about)
    throw error
  }
  observer.fulfilled(startMs, found, about)
  return found
}
