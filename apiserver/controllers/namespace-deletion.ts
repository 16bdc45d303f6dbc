import { isStatusReason } from '../../machinery/status.ts'
import type { CreationGate } from '../admission/creation-gate.ts'
import { localWatch } from '../registry/local-watch.ts'
import type { Registries } from '../registry/registries.ts'
import type { Registry } from '../registry/registry.ts'
import type { Deletion } from '../registry/writes/remove.ts'
import { type Controller, type ControllerOptions, controllerUser } from './controller.ts'
import { RetryQueue } from './retry-queue.ts'

export interface NamespaceDeletionOptions extends ControllerOptions {
  /** The one that namespaceLifecycle enters. */
  readonly gate: CreationGate
}

/**
 * Empties namespaces that are being deleted and lets them go. Order matters: the namespace is marked already, so after
 * the gate was passed nothing new can come, and what is deleted then is all there will ever be. Objects that wait for
 * their finalizers are looked at again and again.
 */
export function namespaceDeletion({ registries, gate, clock }: NamespaceDeletionOptions): Controller {
  const queue = new RetryQueue({ clock, workers: 4, firstRetryMs: 100, maxRetryMs: 5_000 })
  return {
    run: async (signal) => {
      const namespaces = registries.find('', 'namespaces')
      if (namespaces === undefined) return
      const work = { registries, namespaces, gate, signal }
      await Promise.all([
        queue.run((name) => emptied(work, name), signal),
        watchDeleted(namespaces, (name) => queue.add(name), signal),
      ])
    },
  }
}

interface Emptying {
  readonly registries: Registries
  readonly namespaces: Registry
  readonly gate: CreationGate
  readonly signal: AbortSignal
}

async function watchDeleted(namespaces: Registry, add: (name: string) => void, signal: AbortSignal): Promise<void> {
  for await (const notices of localWatch(namespaces, namespaces.select({}), signal)) {
    for (const notice of notices) {
      if (notice.type !== 'set') continue
      const { name = '', deletionTimestamp } = notice.object.value.object.metadata
      if (deletionTimestamp !== undefined) add(name)
    }
  }
}

/** Rejects while anything is left: then it is tried again. */
async function emptied({ registries, namespaces, gate, signal }: Emptying, name: string): Promise<void> {
  const { uid = '', deletionTimestamp } = await metadataOf(namespaces, name)
  if (deletionTimestamp === undefined) return
  await gate.passed(name)
  const contents = registries.all.filter(({ kind }) => kind.scope === 'namespaced')
  for (const registry of contents) await removeAll(registry, name, signal)
  for (const registry of contents) await assertEmpty(registry, name)
  await namespaces.release({ name }, uid)
}

async function metadataOf(namespaces: Registry, name: string): Promise<{ uid?: string; deletionTimestamp?: string }> {
  try {
    return (await namespaces.get({ name })).value.object.metadata
  } catch (error) {
    if (isStatusReason(error, 'NotFound')) return {}
    throw error
  }
}

async function removeAll(registry: Registry, namespace: string, signal: AbortSignal): Promise<void> {
  const deletion: Deletion = {
    version: registry.kind.storageVersion,
    user: controllerUser('namespace-controller'),
    propagation: { policy: 'Background' },
    preconditions: {},
    isDryRun: false,
    isAborted: () => signal.aborted,
    warn: () => undefined,
  }
  await registry.removeCollection({ list: { selection: registry.select({ namespace }) }, deletion })
}

async function assertEmpty(registry: Registry, namespace: string): Promise<void> {
  const { items } = await registry.list({ selection: registry.select({ namespace }), limit: 1 })
  if (items.length > 0) throw new Error(`${registry.kind.names.plural} are left in namespace ${namespace}`)
}
