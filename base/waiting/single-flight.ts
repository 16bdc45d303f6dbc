/**
 * One call for everyone who asks while it is on its way, as long as it began late enough: who knows of a change may
 * not get an answer that was on its way before the change.
 */
export class SingleFlight<T> {
  readonly #calls = new Map<string, { readonly startedMs: number; readonly promise: Promise<T> }>()

  run(key: string, { notBeforeMs, nowMs }: { notBeforeMs: number; nowMs: number }, call: () => Promise<T>): Promise<T> {
    const known = this.#calls.get(key)
    if (known !== undefined && known.startedMs >= notBeforeMs) return known.promise
    const promise = call().finally(() => {
      if (this.#calls.get(key)?.promise === promise) this.#calls.delete(key)
    })
    this.#calls.set(key, { startedMs: nowMs, promise })
    return promise
  }
}
