import type { SecretStore } from '../../kinds/secret-store/v1.ts'
import type { StoreCheck, StoreTestSpec, StoreTestStatus } from '../../kinds/verbs/store-test/kind.ts'
import { serviceUnavailable } from '../../machinery/status-errors.ts'
import { ProviderError } from '../../providers/errors.ts'
import type { SecretsClient } from '../../providers/provider.ts'
import type { Identity } from '../stores/identity.ts'
import type { StorePlace } from '../stores/store-ref.ts'
import type { SyncerParts } from '../syncer-parts.ts'

/** Tries the credentials of a store, step by step. What is said of the store elsewhere stays as it is. */
export async function testStore(
  parts: SyncerParts,
  place: StorePlace,
  { remoteKeys = [] }: StoreTestSpec,
): Promise<StoreTestStatus> {
  const store = parts.stores.get(place)
  if (store === undefined) {
    throw serviceUnavailable('the store is not known here yet; please try again', { retryAfterSeconds: 1 })
  }
  if (!parts.stores.isOurs(store)) {
    return { usable: false, checks: [failed('Login', 'the store is left to a controller of another class')] }
  }
  const trial = new Trial(parts, store)
  const checks = await trial.run(remoteKeys)
  const provider = await parts.loadProvider(Object.keys(store.spec.provider)[0] ?? '')
  const usable = checks.every(({ what, result }) => what === 'Read' || result !== 'Failed')
  return { usable, can: provider?.capabilities ?? [], checks }
}

class Trial {
  readonly #parts: SyncerParts
  readonly #store: SecretStore
  readonly #sinceMs: number

  constructor(parts: SyncerParts, store: SecretStore) {
    this.#parts = parts
    this.#store = store
    this.#sinceMs = parts.clock.monotonic()
  }

  async run(remoteKeys: readonly string[]): Promise<readonly StoreCheck[]> {
    try {
      const identity = await this.#parts.pool.borrow(this.#wish)
      const checks = [passed('Login', 'the provider takes the credentials'), await this.#validate(identity)]
      if (checks.some(({ result }) => result === 'Failed')) return checks
      return [...checks, ...(await Promise.all(remoteKeys.map((key) => this.#read(identity, key))))]
    } catch (error) {
      const { code, message } = knownError(error)
      const where = 'the credentials lie in the namespace of who uses the store: a preview there tries them'
      if (code === 'needs-consumer') return [{ what: 'Login', result: 'Unknown', message: where }]
      return [failed('Login', message)]
    }
  }

  get #wish() {
    const { namespace } = this.#store.metadata
    return { store: this.#store, sinceMs: this.#sinceMs, ...(namespace !== undefined && { consumer: namespace }) }
  }

  async #validate(identity: Identity): Promise<StoreCheck> {
    const send = (client: SecretsClient, limited: AbortSignal) => client.check(limited)
    try {
      const answer = await this.#parts.reads.probe({ store: this.#store, identity }, { what: 'check', send })
      if (answer === 'ready') return passed('Validate', 'the provider says that the store can be used')
      return { what: 'Validate', result: 'Unknown', message: 'the provider cannot tell without reading something' }
    } catch (error) {
      return failed('Validate', knownError(error).message)
    }
  }

  /** Out of turn, and with no consequences for who waits for the store. */
  async #read(identity: Identity, key: string): Promise<StoreCheck> {
    const send = (client: SecretsClient, limited: AbortSignal) => client.read({ key, metadataPolicy: 'None' }, limited)
    try {
      await this.#parts.reads.probe({ store: this.#store, identity }, { what: 'read', send })
      return { ...passed('Read', 'it can be read'), remoteKey: key }
    } catch (error) {
      const { code, message } = knownError(error)
      return { ...failed('Read', code === 'secret-missing' ? 'it does not exist' : message), remoteKey: key }
    }
  }
}

function passed(what: StoreCheck['what'], message: string): StoreCheck {
  return { what, result: 'Passed', message }
}

function failed(what: StoreCheck['what'], message: string): StoreCheck {
  return { what, result: 'Failed', message }
}

/** A provider's own words are ours; those of anything else may quote what was being handled. */
function knownError(error: unknown): ProviderError {
  return error instanceof ProviderError ? error : new ProviderError('unavailable', 'the provider failed')
}
