import { onAbort } from './on-abort.ts'

/**
 * What the work gives, or the signal's reason where that comes first. For a library that looks at its signal only from
 * some moment on: who waits goes, and what the work gives later is let go.
 */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const unheard = onAbort(signal, () => reject(signal.reason as Error))
    void work.then(resolve, reject).finally(unheard)
  })
}
