import type { ExternalSecretSpec } from '../../kinds/external-secret/v1.ts'
import type { PreviewOrigin } from '../../kinds/verbs/external-secret-preview/kind.ts'
import { type Source, storeOf } from '../fetch.ts'

type Entry = NonNullable<ExternalSecretSpec['data']>[number] | NonNullable<ExternalSecretSpec['dataFrom']>[number]

/** What gave each key: the entry that was poured last, or the template that was rendered last. */
export class Origins {
  readonly #spec: ExternalSecretSpec
  readonly #entries: readonly Entry[]
  readonly #fetched = new Map<string, PreviewOrigin>()
  readonly #templated = new Map<string, string>()
  /** Names that a find has met. A value that was decoded afterwards is another one, and nobody's. */
  readonly #names = new WeakMap<Uint8Array, string>()
  readonly #values = new Map<string, Uint8Array>()

  constructor(spec: ExternalSecretSpec) {
    this.#spec = spec
    this.#entries = [...(spec.dataFrom ?? []), ...(spec.data ?? [])]
  }

  /** The source, with the names that it finds remembered. */
  noting(source: Source): Source {
    return {
      read: (key) => source.read(key),
      find: async (query) => {
        const found = await source.find(query)
        for (const [name, value] of found) this.#names.set(value, name)
        return found
      },
    }
  }

  /** In the order in which entries are poured. */
  fieldOf(index: number): string {
    const { dataFrom = [] } = this.#spec
    return index < dataFrom.length ? `spec.dataFrom[${index}]` : `spec.data[${index - dataFrom.length}]`
  }

  note(index: number, key: string, value: Uint8Array): void {
    const entry = this.#entries[index]
    if (entry === undefined) return
    const remoteRef = 'remoteRef' in entry ? entry.remoteRef : entry.extract
    const remoteKey = remoteRef?.key ?? this.#names.get(value)
    const isGenerated = entry.sourceRef?.generatorRef !== undefined
    const { kind: storeKind = 'SecretStore', name: storeName = '' } = storeOf(this.#spec, entry)
    this.#values.set(key, value)
    this.#fetched.set(key, {
      field: this.fieldOf(index),
      ...(!isGenerated && { storeKind, storeName }),
      ...(remoteKey !== undefined && { remoteKey }),
      ...(remoteRef?.property !== undefined && { property: remoteRef.property }),
      ...(remoteRef?.version !== undefined && { version: remoteRef.version }),
    })
  }

  templated(field: string, key: string): void {
    this.#templated.set(key, field)
  }

  ofFetched(key: string): PreviewOrigin {
    return this.#fetched.get(key) ?? { field: 'spec' }
  }

  /** What a template left alone is still the value that was fetched. */
  ofTarget(key: string, value: Uint8Array): PreviewOrigin {
    const field = this.#templated.get(key)
    if (field === undefined || this.#values.get(key) === value) return this.ofFetched(key)
    return { field }
  }
}
