/** One at a time, in the order of arrival. */
export class Mutex {
  #last: Promise<unknown> = Promise.resolve()

  run<R>(task: () => Promise<R>): Promise<R> {
    const result = this.#last.then(task)
    this.#last = result.catch(() => undefined)
    return result
  }
}
