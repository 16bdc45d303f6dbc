/** Who waits, by user: users take turns, and each user's own come in the order of their arrival. */
export class FairQueue<T extends { readonly user: string }> {
  /** In the order of turns. No line is empty. */
  readonly #lines = new Map<string, T[]>()
  #length = 0

  get length(): number {
    return this.#length
  }

  lengthOf(user: string): number {
    return this.#lines.get(user)?.length ?? 0
  }

  push(entry: T): void {
    const line = this.#lines.get(entry.user)
    if (line === undefined) this.#lines.set(entry.user, [entry])
    else line.push(entry)
    this.#length += 1
  }

  /** The first of the user whose turn it is; that user's next turn comes after everybody else's. */
  shift(): T | undefined {
    const [turn] = this.#lines
    if (turn === undefined) return undefined
    const [user, line] = turn
    const entry = line.shift()
    this.#lines.delete(user)
    if (line.length > 0) this.#lines.set(user, line)
    this.#length -= 1
    return entry
  }

  delete(entry: T): void {
    const line = this.#lines.get(entry.user)
    const index = line?.indexOf(entry) ?? -1
    if (line === undefined || index < 0) return
    line.splice(index, 1)
    if (line.length === 0) this.#lines.delete(entry.user)
    this.#length -= 1
  }

  /** Of each user the one that has waited longest. */
  firsts(): readonly T[] {
    return [...this.#lines.values()].flatMap((line) => line[0] ?? [])
  }

  /** The newest one of the user who has most of them waiting. */
  lastOfLongest(): T | undefined {
    let longest: readonly T[] = []
    for (const line of this.#lines.values()) if (line.length > longest.length) longest = line
    return longest.at(-1)
  }
}
