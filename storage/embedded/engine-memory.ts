import type { Key, KeyRange, Revision } from '../backend.ts'
import { OrderedKeys } from '../ordered-keys.ts'
import type { CurrentEntry, Engine, EngineBatch, EngineView, FactName, LogEntry } from './engine.ts'

/** An engine for tests and trials. The disk outlives it, so that a store can be opened again. */
export function openMemoryEngine(disk = new MemoryDisk()): Engine {
  return {
    commit: async (batch) => disk.apply(batch),
    read: (look) => look(disk),
    [Symbol.asyncDispose]: async () => undefined,
  }
}

export class MemoryDisk implements EngineView {
  readonly #log = new Map<number, Uint8Array>()
  readonly #current = new Map<Key, Revision>()
  readonly #keys = new OrderedKeys()
  readonly #facts = new Map<FactName, Uint8Array>()
  #last = 0 as Revision

  apply(batch: EngineBatch): void {
    for (const { revision, bytes } of batch.append ?? []) {
      this.#log.set(revision, bytes)
      this.#last = revision
    }
    for (const revision of batch.forget ?? []) this.#log.delete(revision)
    for (const [key, revision] of batch.current ?? []) this.#point(key, revision)
    for (const [name, value] of batch.facts ?? []) this.#facts.set(name, value)
  }

  record(revision: Revision): Uint8Array | undefined {
    return this.#log.get(revision)
  }

  records(after: Revision, limit: number): readonly LogEntry[] {
    const found: LogEntry[] = []
    for (let revision = after + 1; revision <= this.#last && found.length < limit; revision++) {
      const bytes = this.#log.get(revision)
      if (bytes) found.push({ revision: revision as Revision, bytes })
    }
    return found
  }

  lastRevision(): Revision {
    return this.#last
  }

  revisionOf(key: Key): Revision | undefined {
    return this.#current.get(key)
  }

  keys(range: KeyRange, limit: number): readonly CurrentEntry[] {
    const found: CurrentEntry[] = []
    for (const key of this.#keys.slice(range, limit)) {
      const revision = this.#current.get(key)
      if (revision !== undefined) found.push({ key, revision })
    }
    return found
  }

  fact(name: FactName): Uint8Array | undefined {
    return this.#facts.get(name)
  }

  #point(key: Key, revision: Revision | undefined): void {
    const known = this.#current.has(key)
    if (revision === undefined) {
      if (known) this.#keys.delete(key)
      this.#current.delete(key)
    } else {
      if (!known) this.#keys.add(key)
      this.#current.set(key, revision)
    }
  }
}
