import { Groups } from '../../base/groups.ts'
import { SharedTexts } from './shared-texts.ts'
import type { ExternalSecret } from '../../kinds/external-secret/v1.ts'
import { compareResourceVersions } from '../../machinery/resource-version.ts'
import { targetKeyOf } from '../target/policy.ts'
import { storeKey, storePlacesOf } from '../stores/store-ref.ts'

/** The ExternalSecrets there are, by what may set them going. Keys are `namespace/name`. */
export class ExternalSecrets {
  readonly #objects = new Map<string, ExternalSecret>()
  readonly #texts = new SharedTexts()
  readonly #byTarget = new Groups()
  readonly #byStore = new Groups()
  readonly #byNamespace = new Groups()

  get count(): number {
    return this.#objects.size
  }

  get(key: string): ExternalSecret | undefined {
    return this.#objects.get(key)
  }

  all(): Iterable<ExternalSecret> {
    return this.#objects.values()
  }

  set(key: string, object: ExternalSecret): void {
    const known = this.#objects.get(key)
    if (known !== undefined && isSameSpec(known, object)) {
      this.#objects.set(key, this.#lean(object, known))
      return
    }
    this.remove(key)
    this.#objects.set(key, this.#lean(object))
    this.#group('add', key, object)
  }

  remove(key: string): void {
    const object = this.#objects.get(key)
    if (object === undefined) return
    this.#objects.delete(key)
    this.#group('remove', key, object)
  }

  /** Takes over what a write answered, unless something newer came in meanwhile. */
  written(key: string, object: ExternalSecret): void {
    const known = this.#objects.get(key)
    if (known?.metadata.uid !== object.metadata.uid) return
    const [knownVersion = '', version = ''] = [known?.metadata.resourceVersion, object.metadata.resourceVersion]
    if (compareResourceVersions(version, knownVersion) > 0) this.#objects.set(key, this.#lean(object, known))
  }

  /** By the key of the target. */
  withTarget(namespace: string, target: string): readonly string[] {
    return this.#byTarget.members(`${namespace}/${target}`)
  }

  /** By the key of the store. */
  using(store: string): readonly string[] {
    return this.#byStore.members(store)
  }

  isAnyIn(namespace: string): boolean {
    return this.#byNamespace.has(namespace)
  }

  #group(change: 'add' | 'remove', key: string, object: ExternalSecret): void {
    const namespace = object.metadata.namespace ?? ''
    this.#byNamespace[change](namespace, key)
    this.#byTarget[change](`${namespace}/${targetKeyOf(object)}`, key)
    for (const place of storePlacesOf(object)) this.#byStore[change](storeKey(place), key)
  }

  /**
   * Of ten thousand, half the memory is managedFields. A PUT without them leaves them as they are. The spec that is
   * known stays, so that a status that comes in makes no garbage of it; and what all of them say is there once.
   */
  #lean(object: ExternalSecret, known?: ExternalSecret): ExternalSecret {
    const { managedFields: _, ...metadata } = object.metadata
    const { apiVersion, kind, spec, status } = object
    const { namespace = '' } = metadata
    const { syncedResourceVersion } = status ?? {}
    const texts = this.#texts
    return {
      ...object,
      apiVersion: texts.of(apiVersion),
      kind: texts.of(kind),
      metadata: 'namespace' in metadata ? { ...metadata, namespace: texts.of(namespace) } : metadata,
      spec: known !== undefined && isSameSpec(known, object) ? known.spec : spec,
      ...(syncedResourceVersion !== undefined && {
        status: { ...status, syncedResourceVersion: texts.of(syncedResourceVersion) },
      }),
    }
  }
}

function isSameSpec({ metadata: left }: ExternalSecret, { metadata: right }: ExternalSecret): boolean {
  return left.uid === right.uid && left.generation === right.generation
}
