/** Counts the creations that are under way in each namespace, for the one who empties it to wait for. */
export class CreationGate {
  readonly #open = new Map<string, Set<Promise<void>>>()

  /** The answer is called when the creation was made or refused. */
  enter(namespace: string): () => void {
    const open = this.#open.get(namespace) ?? new Set()
    this.#open.set(namespace, open)
    let leave = (): void => undefined
    const left = new Promise<void>((resolve) => {
      leave = resolve
    })
    open.add(left)
    return () => {
      open.delete(left)
      if (open.size === 0 && this.#open.get(namespace) === open) this.#open.delete(namespace)
      leave()
    }
  }

  /** Resolves when every creation that has entered by now is over. */
  async passed(namespace: string): Promise<void> {
    const open: readonly Promise<void>[] = [...(this.#open.get(namespace) ?? [])]
    await Promise.all(open)
  }
}
