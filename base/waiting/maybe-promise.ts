/**
 * What is at hand is answered as it is: a promise for each would often cost more than what it is for. On the way of
 * every write it is awaited only where it is a promise: `await` of a value costs a turn.
 */
export type MaybePromise<T> = T | Promise<T>

/** Runs `work` and tells how it ended, before whoever asked hears of it. */
export function observed<T>(
  work: () => MaybePromise<T>,
  fulfilled: (found: T) => void,
  rejected: () => void,
): MaybePromise<T> {
  let found: MaybePromise<T>
  try {
    found = work()
  } catch (error) {
    rejected()
    throw error
  }
  if (found instanceof Promise) return observedLater(found, fulfilled, rejected)
  fulfilled(found)
  return found
}

async function observedLater<T>(work: Promise<T>, fulfilled: (found: T) => void, rejected: () => void): Promise<T> {
  let found: T
  try {
    found = await work
  } catch (error) {
    rejected()
    throw error
  }
  fulfilled(found)
  return found
}
