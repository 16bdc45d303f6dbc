import { controllerUser } from '../../../apiserver/controllers/controller.ts'
import { objectNameOf } from '../../../apiserver/registry/store-key.ts'
import type { Registries } from '../../../apiserver/registry/registries.ts'
import type { Registry } from '../../../apiserver/registry/registry.ts'
import type { Logger } from '../../../base/log.ts'
import type { ResourceClient } from '../../../machinery/client.ts'
import type { KubeObject } from '../../../machinery/object.ts'
import { StatusError, isStatusReason } from '../../../machinery/status.ts'
import type { NamespaceBook } from './namespace-book.ts'
import { isLeftOver, type PresentNamespace, presentNamespace, presentNamespaces } from './present-namespaces.ts'

interface Reconciling {
  readonly registries: Registries
  readonly book: NamespaceBook
  readonly namespaces: ResourceClient<KubeObject>
  readonly log: Logger
}

/**
 * For the start, before anybody reads: what lies in a namespace that went while nobody was there to empty it is removed
 * as the namespace controller would have removed it, and does not appear in another one of that name. Only on a whole
 * list of the namespaces, only in the cluster that the book is of, and only when the namespace, asked for by itself,
 * says the same. What is not in the book yet is taken as it is.
 */
export async function reconcileNamespaces(parts: Reconciling): Promise<void> {
  const { registries, book, namespaces } = parts
  const present = await presentNamespaces(namespaces)
  if (book.cluster !== present.cluster) await book.begin(present.cluster)
  const held = await heldObjects(registries)
  for (const [name, objects] of held) await settle(parts, { name, objects, now: present.namespaces.get(name) })
  for (const [name, uid] of [...book.uids]) {
    if (!held.has(name) && present.namespaces.get(name)?.uid !== uid) await book.forget(name)
  }
}

interface Held {
  readonly registry: Registry
  readonly name: string
  readonly uid: string
  readonly createdAt: string
}

interface Settling {
  readonly name: string
  readonly objects: readonly Held[]
  readonly now: PresentNamespace | undefined
}

async function heldObjects(registries: Registries): Promise<ReadonlyMap<string, readonly Held[]>> {
  const held = new Map<string, Held[]>()
  for (const registry of registries.all.filter(({ kind }) => kind.scope === 'namespaced')) {
    const { items } = await registry.list({ selection: registry.select({}) })
    for (const { key, value } of items) {
      const { namespace = '', name } = objectNameOf(registry.kind, key)
      const { uid = '', creationTimestamp } = value.object.metadata
      const objects = held.get(namespace) ?? []
      objects.push({ registry, name, uid, createdAt: creationTimestamp ?? '' })
      held.set(namespace, objects)
    }
  }
  return held
}

async function settle({ book, namespaces, log }: Reconciling, { name, objects, now }: Settling): Promise<void> {
  const noted = book.uids.get(name)
  if (noted === undefined && now !== undefined) return book.note(name, now.uid)
  if (noted === undefined || noted === now?.uid) return
  const again = await presentNamespace(namespaces, name)
  // Something is going on there: the next start looks again.
  if (again?.uid !== now?.uid) return
  const left = objects.filter(({ createdAt }) => isLeftOver({ noted, now, createdAt }))
  const removed = await Promise.all(left.map((object) => isRemoved(object, name)))
  const count = removed.filter((one) => one).length
  const facts = { namespace: name, removed: count, kept: objects.length - count }
  log.warn('a namespace went while the server was away, and its objects with it', facts)
  if (count < left.length) return
  await (now === undefined ? book.forget(name) : book.note(name, now.uid))
}

/** One that a webhook keeps, or that is no longer as it was found, waits for the next start. */
async function isRemoved({ registry, name, uid }: Held, namespace: string): Promise<boolean> {
  try {
    await registry.remove(
      { namespace, name },
      {
        version: registry.kind.storageVersion,
        user: controllerUser('namespace-controller'),
        propagation: { policy: 'Background' },
        preconditions: { uid },
        isDryRun: false,
        isAborted: () => false,
        warn: () => undefined,
      },
    )
    return true
  } catch (error) {
    if (isStatusReason(error, 'NotFound')) return true
    if (error instanceof StatusError) return false
    throw error
  }
}
