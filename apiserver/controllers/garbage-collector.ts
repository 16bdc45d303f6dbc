import { onAbort } from '../../base/waiting/on-abort.ts'
import { parseApiVersion } from '../../machinery/group-version.ts'
import type { KubeObject, OwnerReference } from '../../machinery/object.ts'
import { isStatusReason } from '../../machinery/status.ts'
import { localWatch, type StateNotice } from '../registry/local-watch.ts'
import type { Registry } from '../registry/registry.ts'
import { foregroundFinalizer, orphanFinalizer, type PropagationPolicy } from '../registry/writes/finalizers.ts'
import { type Controller, type ControllerOptions, controllerManager, controllerUser } from './controller.ts'
import { type OwnedObject, ownedObject, OwnerGraph } from './owner-graph.ts'
import { RetryQueue } from './retry-queue.ts'

const user = controllerUser('generic-garbage-collector')
const workerCount = 8

/** Deletes what its owners left behind, and lets owners wait for it; the rules are kube-controller-manager's. */
export function garbageCollector({ registries, clock }: ControllerOptions): Controller {
  return {
    run: (signal) => new GarbageCollector({ registries, clock }, signal).run(),
  }
}

/**
 * Invariants:
 * 1. Nothing is judged before every kind was seen whole: an owner that is merely not known yet is not absent.
 * 2. Kinds that expire are left out: they go by themselves, and nothing waits for them.
 * 3. A judgement reads the object afresh and deletes it by uid and resourceVersion only.
 */
class GarbageCollector {
  readonly #options: ControllerOptions
  readonly #signal: AbortSignal
  readonly #graph = new OwnerGraph()
  readonly #queue: RetryQueue

  constructor(options: ControllerOptions, signal: AbortSignal) {
    this.#options = options
    this.#signal = signal
    this.#queue = new RetryQueue({ clock: options.clock, workers: workerCount, firstRetryMs: 20, maxRetryMs: 10_000 })
  }

  async run(): Promise<void> {
    const seen: Promise<void>[] = []
    const lasting = this.#options.registries.all.filter(({ kind }) => kind.expires === undefined)
    const watches = lasting.map((registry) => {
      let isSeen = (): void => undefined
      seen.push(
        new Promise((resolve) => {
          isSeen = resolve
        }),
      )
      return this.#follow(registry, () => isSeen())
    })
    const aborted = new Promise<void>((resolve) => onAbort(this.#signal, resolve))
    await Promise.race([Promise.all(seen), aborted])
    await Promise.all([...watches, this.#queue.run((uid) => this.#judge(uid), this.#signal)])
  }

  async #follow(registry: Registry, onSeen: () => void): Promise<void> {
    for await (const notices of localWatch(registry, registry.select({}), this.#signal)) {
      for (const notice of notices) {
        if (notice.type === 'synced') onSeen()
        else this.#learn(registry, notice)
      }
    }
  }

  #learn(registry: Registry, notice: Exclude<StateNotice, { type: 'synced' }>): void {
    const object = ownedObject(registry, notice.object.value.object)
    const previous = notice.type === 'set' ? this.#graph.set(object) : this.#graph.delete(object.uid)
    if (previous !== undefined) this.#wakeWaiting(previous.owners)
    this.#wakeWaiting(object.owners)
    const isWish = object.state === 'waiting' || object.state === 'orphaning'
    if (notice.type === 'set' && (isWish || this.#isDoubtful(object))) this.#queue.add(object.uid)
    if (notice.type === 'deleted' || object.state === 'waiting') {
      for (const dependent of this.#graph.dependentsOf(object.uid)) this.#queue.add(dependent.uid)
    }
  }

  #wakeWaiting(owners: readonly OwnerReference[]): void {
    for (const { uid } of owners) if (this.#graph.get(uid)?.state === 'waiting') this.#queue.add(uid)
  }

  #isDoubtful({ owners }: OwnedObject): boolean {
    for (const { uid } of owners) if (this.#graph.get(uid)?.state !== 'living') return true
    return false
  }

  async #judge(uid: string): Promise<void> {
    const object = this.#graph.get(uid)
    if (object === undefined) return
    if (object.state === 'orphaning') return this.#cutOff(object)
    if (object.state === 'waiting') return this.#letGoWhenAlone(object)
    if (object.state === 'living') return this.#weigh(object)
  }

  async #cutOff(owner: OwnedObject): Promise<void> {
    for (const dependent of this.#graph.dependentsOf(owner.uid)) await this.#disown(dependent, new Set([owner.uid]))
    await this.#dropFinalizer(owner, orphanFinalizer)
  }

  async #letGoWhenAlone(owner: OwnedObject): Promise<void> {
    const blocking = this.#graph
      .dependentsOf(owner.uid)
      .filter(({ owners }) => owners.some(({ uid, blockOwnerDeletion }) => uid === owner.uid && blockOwnerDeletion))
    if (blocking.length === 0) await this.#dropFinalizer(owner, foregroundFinalizer)
  }

  /** With one solid owner an object stays, without the others; without any it goes. */
  async #weigh(known: OwnedObject): Promise<void> {
    const live = await current(known)
    if (live === undefined || live.object.metadata.deletionTimestamp !== undefined) return
    const { ownerReferences: owners = [], finalizers = [] } = live.object.metadata
    const states = await Promise.all(owners.map((owner) => this.#ownerState(owner, known)))
    const lost = owners.filter((_, index) => states[index] !== 'solid')
    if (lost.length === 0) return
    if (lost.length < owners.length) return this.#disown(known, new Set(lost.map(({ uid }) => uid)))
    const waits = states.includes('waiting') && this.#graph.dependentsOf(known.uid).length > 0
    const policy = waits ? 'Foreground' : policyOf(finalizers)
    await this.#remove(known, { policy, resourceVersion: live.resourceVersion })
  }

  async #ownerState(owner: OwnerReference, dependent: OwnedObject): Promise<'solid' | 'waiting' | 'absent'> {
    const known = this.#graph.get(owner.uid)
    const isReachable = known?.at.namespace === undefined || known.at.namespace === dependent.at.namespace
    if (known !== undefined && isReachable) return known.state === 'waiting' ? 'waiting' : 'solid'
    return (await this.#isAbsent(owner, dependent)) ? 'absent' : 'solid'
  }

  /** Of a kind that is not served nothing can be said, and such an owner keeps its dependents. */
  async #isAbsent(owner: OwnerReference, dependent: OwnedObject): Promise<boolean> {
    const group = parseApiVersion(owner.apiVersion)?.group
    const registry = this.#options.registries.all.find(
      ({ kind }) => kind.group === group && kind.names.kind === owner.kind,
    )
    if (registry === undefined) return false
    const { namespace } = dependent.at
    const isNamespaced = registry.kind.scope === 'namespaced'
    if (isNamespaced && namespace === undefined) return false
    const at = { name: owner.name, ...(isNamespaced && namespace !== undefined && { namespace }) }
    const live = await current({ registry, at, uid: owner.uid })
    return live === undefined
  }

  async #disown(dependent: OwnedObject, ownerUids: ReadonlySet<string>): Promise<void> {
    await this.#change(dependent, (metadata) => {
      const { ownerReferences = [], ...rest } = metadata
      const kept = ownerReferences.filter(({ uid }) => !ownerUids.has(uid))
      return kept.length === 0 ? rest : { ...rest, ownerReferences: kept }
    })
  }

  async #dropFinalizer(object: OwnedObject, finalizer: string): Promise<void> {
    await this.#change(object, (metadata) => {
      const { finalizers = [], ...rest } = metadata
      const kept = finalizers.filter((each) => each !== finalizer)
      return kept.length === 0 ? rest : { ...rest, finalizers: kept }
    })
  }

  async #change(
    { registry, at, uid }: OwnedObject,
    change: (metadata: KubeObject['metadata']) => KubeObject['metadata'],
  ): Promise<void> {
    const patch = (live: KubeObject): KubeObject =>
      live.metadata.uid === uid ? { ...live, metadata: change(live.metadata) } : live
    await unlessGone(
      registry.update(at, {
        version: registry.kind.storageVersion,
        user,
        fieldManager: controllerManager,
        isDryRun: false,
        isAborted: () => this.#signal.aborted,
        warn: () => undefined,
        subresource: '',
        change: { type: 'patch', patch },
      }),
    )
  }

  async #remove(
    { registry, at, uid }: OwnedObject,
    { policy, resourceVersion }: { policy: PropagationPolicy; resourceVersion: string },
  ): Promise<void> {
    await unlessGone(
      registry.remove(at, {
        version: registry.kind.storageVersion,
        user,
        propagation: { policy },
        preconditions: { uid, resourceVersion },
        isDryRun: false,
        isAborted: () => this.#signal.aborted,
        warn: () => undefined,
      }),
    )
  }
}

function policyOf(finalizers: readonly string[]): PropagationPolicy {
  if (finalizers.includes(orphanFinalizer)) return 'Orphan'
  return finalizers.includes(foregroundFinalizer) ? 'Foreground' : 'Background'
}

/** Undefined when it is gone or another one took its name. */
async function current(
  known: Pick<OwnedObject, 'registry' | 'at' | 'uid'>,
): Promise<{ object: KubeObject; resourceVersion: string } | undefined> {
  const item = await unlessGone(known.registry.get(known.at))
  if (item === undefined || item.value.object.metadata.uid !== known.uid) return undefined
  return { object: item.value.object, resourceVersion: String(item.revision) }
}

async function unlessGone<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call
  } catch (error) {
    if (isStatusReason(error, 'NotFound')) return undefined
    throw error
  }
}
