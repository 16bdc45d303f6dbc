import type { ExternalSecret } from '../../kinds/external-secret/v1.ts'
import type { ExternalSecretPreviewStatus } from '../../kinds/verbs/external-secret-preview/kind.ts'
import type { ExternalSecretRefreshStatus } from '../../kinds/verbs/external-secret-refresh/kind.ts'
import type { StoreRefreshSpec } from '../../kinds/verbs/store-refresh/kind.ts'
import type { StoreTestSpec, StoreTestStatus } from '../../kinds/verbs/store-test/kind.ts'
import type { StatusError } from '../../machinery/status.ts'
import { serviceUnavailable } from '../../machinery/status-errors.ts'
import type { ExternalSecretLoop } from '../external-secret-loop.ts'
import type { StorePlace } from '../stores/store-ref.ts'
import type { SyncerParts } from '../syncer-parts.ts'
import { type PreviewOptions, previewOf } from './preview.ts'
import { refreshStatus } from './refresh-status.ts'
import { keysReading } from './store-readers.ts'
import { testStore } from './store-test.ts'

/** What a process does that synchronizes. */
interface Acting {
  readonly parts: SyncerParts
  readonly externalSecrets: ExternalSecretLoop
}

/**
 * What the syncer can be asked for beside what it does by itself. Whoever asks has been found to have the rights. Each
 * rejects with a StatusError: 503 while this process does not synchronize, because it is starting or another leads.
 */
export class Verbs {
  readonly #hmacKey: Uint8Array
  #acting: Acting | undefined

  constructor(hmacKey: Uint8Array) {
    this.#hmacKey = hmacKey
  }

  begin(acting: Acting): void {
    this.#acting = acting
  }

  end(): void {
    this.#acting?.externalSecrets.refuseWishes(idle)
    this.#acting = undefined
  }

  /** What came of a pass that asks the provider now. */
  async refresh(
    { metadata }: Pick<ExternalSecret, 'metadata'>,
    signal: AbortSignal,
  ): Promise<ExternalSecretRefreshStatus> {
    const { name = '', namespace = '', generation = 0 } = metadata
    return refreshStatus(await this.#now.externalSecrets.refreshed(`${namespace}/${name}`, generation, signal))
  }

  /** What would be written. Nothing is. */
  async preview(
    object: ExternalSecret,
    options: Omit<PreviewOptions, 'hmacKey'>,
  ): Promise<ExternalSecretPreviewStatus> {
    return previewOf(this.#now.parts, object, { ...options, hmacKey: this.#hmacKey })
  }

  async testStore(place: StorePlace, spec: StoreTestSpec): Promise<StoreTestStatus> {
    return testStore(this.#now.parts, place, spec)
  }

  /** How many are asked for anew. */
  async refreshStore(place: StorePlace, which: StoreRefreshSpec): Promise<number> {
    const { parts, externalSecrets } = this.#now
    const keys = keysReading(parts.externalSecrets, place, which)
    externalSecrets.refresh(keys)
    return keys.length
  }

  get #now(): Acting {
    if (this.#acting === undefined) throw idle()
    return this.#acting
  }
}

function idle(): StatusError {
  return serviceUnavailable('this process does not synchronize now; please try again', { retryAfterSeconds: 1 })
}
