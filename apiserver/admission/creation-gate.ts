/** Counts the creations that are under way in each namespace, for the one who empties it to wait for. */
export class CreationGate {
  readonly #open = new Map<string, Set<Creation>>()

  /** The answer is called when the creation was made or refused. */
  enter(namespace: string): () => void {
    const open = this.#open.get(namespace) ?? new Set()
    this.#open.set(namespace, open)
    const creation = new Creation()
    open.add(creation)
    return () => {
      open.delete(creation)
      if (open.size === 0 && this.#open.get(namespace) === open) this.#open.delete(namespace)
      creation.end()
    }
  }

  /** Resolves when every creation that has entered by now is over. */
  async passed(namespace: string): Promise<void> {
    const open = [...(this.#open.get(namespace) ?? [])]
    await Promise.all(open.map((creation) => creation.ended()))
  }
}

/** Hardly one is ever waited for. */
class Creation {
  #waiting: (() => void)[] | undefined

  /** To be asked before it ends. */
  ended(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting = [...(this.#waiting ?? []), resolve]
    })
  }

  end(): void {
    for (const resolve of this.#waiting ?? []) resolve()
  }
}
