import type { ExternalSecret } from '../../kinds/external-secret/v1.ts'
import type { Source, StoreRef } from '../fetch.ts'
import { valueAgeMax } from '../schedule.ts'
import { storeKey, type StorePlace, storePlace } from '../stores/store-ref.ts'
import type { SyncerParts } from '../syncer-parts.ts'

interface SourcesOptions {
  readonly parts: Pick<SyncerParts, 'clock' | 'missing' | 'namespaces' | 'reads' | 'stores'>
  readonly object: ExternalSecret
  /** What was read before that does not serve. */
  readonly sinceMs: number
}

/** The stores that one pass reads from, each opened once. */
export class Sources {
  readonly #options: SourcesOptions
  readonly #opened = new Map<string, Promise<Source>>()

  constructor(options: SourcesOptions) {
    this.#options = options
  }

  open(ref: StoreRef): Promise<Source> {
    const place = storePlace(ref, this.#namespace)
    const known = this.#opened.get(storeKey(place))
    if (known !== undefined) return known
    const source = this.#open(place)
    this.#opened.set(storeKey(place), source)
    return source
  }

  async #open(place: StorePlace): Promise<Source> {
    const { object, parts } = this.#options
    const { clock, missing, stores, namespaces, reads } = parts
    const sinceMs = Math.max(
      this.#options.sinceMs,
      missing.readSince(object.metadata.uid ?? ''),
      clock.monotonic() - valueAgeMax(object),
    )
    const store = stores.usable(place, namespaces.get(this.#namespace))
    return reads.open({ store, consumer: this.#namespace, sinceMs })
  }

  get #namespace(): string {
    return this.#options.object.metadata.namespace ?? ''
  }
}
