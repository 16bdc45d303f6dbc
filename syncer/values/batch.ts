import type { ReadResult, RemoteKey } from '../../providers/provider.ts'

interface Wanted {
  readonly ref: RemoteKey
  readonly resolve: (result: ReadResult) => void
  readonly reject: (error: unknown) => void
}

/** Gathers what is wanted in one turn of the event loop into calls of `countMax` keys. */
export class Batch {
  readonly #countMax: number
  readonly #readMany: (refs: readonly RemoteKey[]) => Promise<readonly ReadResult[]>
  #wanted: Wanted[] = []

  constructor(countMax: number, readMany: (refs: readonly RemoteKey[]) => Promise<readonly ReadResult[]>) {
    this.#countMax = countMax
    this.#readMany = readMany
  }

  read(ref: RemoteKey): Promise<ReadResult> {
    return new Promise((resolve, reject) => {
      this.#wanted.push({ ref, resolve, reject })
      if (this.#wanted.length === 1) setImmediate(() => this.#flush())
    })
  }

  #flush(): void {
    const wanted = this.#wanted
    this.#wanted = []
    for (let from = 0; from < wanted.length; from += this.#countMax) {
      void this.#answer(wanted.slice(from, from + this.#countMax))
    }
  }

  async #answer(wanted: readonly Wanted[]): Promise<void> {
    try {
      const results = await this.#readMany(wanted.map(({ ref }) => ref))
      wanted.forEach(({ resolve, reject }, index) => {
        const result = results[index]
        if (result === undefined) reject(new Error('the provider answered fewer keys than it was asked for'))
        else resolve(result)
      })
    } catch (error) {
      for (const { reject } of wanted) reject(error)
    }
  }
}
