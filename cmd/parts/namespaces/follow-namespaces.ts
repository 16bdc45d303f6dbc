import type { MaybePromise } from '../../../base/waiting/maybe-promise.ts'
import type { ArchivedKinds } from '../../../apiserver/archive/archived-kinds.ts'
import type { Registries } from '../../../apiserver/registry/registries.ts'
import { assert } from '../../../base/assert.ts'
import type { Clock } from '../../../base/clock.ts'
import type { Logger } from '../../../base/log.ts'
import type { ResourceClient } from '../../../machinery/client.ts'
import type { KubeObject } from '../../../machinery/object.ts'
import { StatusError } from '../../../machinery/status.ts'
import type { NewEntry } from '../../../storage/backend.ts'
import type { KeptStore } from '../../hosts/host.ts'
import { belonging } from './belonging.ts'
import { NamespaceBook } from './namespace-book.ts'
import { reconcileNamespaces } from './reconcile-namespaces.ts'

/** The namespaces of the cluster and what the store knows of them, from the start on. */
export interface NamespaceFollowing {
  /** Whose book it is. */
  of(store: KeptStore): KeptStore
  /** Once the store is admitted, before anybody reads. Rejects with the reason of the interruption alone. */
  reconcile(registries: Registries): Promise<void>
  note(name: string, uid: string): MaybePromise<void>
  belonging(entries: readonly NewEntry[], kinds: ArchivedKinds): Promise<readonly NewEntry[]>
  restored(): Promise<void>
}

interface FollowingOptions {
  readonly client: ResourceClient<KubeObject>
  readonly clock: Clock
  readonly log: Logger
  /** Aborts when the start is to be given up. */
  readonly interrupted: AbortSignal
}

export function followNamespaces(options: FollowingOptions): NamespaceFollowing {
  const { client: namespaces, clock, log, interrupted } = options
  let store: KeptStore | undefined
  let book: NamespaceBook | undefined
  const opened = (): NamespaceBook => {
    assert(book !== undefined, 'nothing is written before the start')
    return book
  }
  return {
    of: (kept) => (store = kept),
    reconcile: async (registries) => {
      assert(store !== undefined, 'there is a store')
      book = await NamespaceBook.open(store.backend)
      for (let tries = triesMax; tries > 0; tries -= 1) {
        try {
          return await reconcileNamespaces({ registries, book, namespaces, log })
        } catch (error) {
          interrupted.throwIfAborted()
          const code = error instanceof StatusError ? error.reason : error instanceof Error ? error.name : 'unknown'
          log.warn('the namespaces could not be looked at', { code, further: tries - 1 })
          if (tries > 1) await clock.sleep(pauseMs, interrupted)
        }
      }
    },
    note: (name, uid) => opened().note(name, uid),
    belonging: async (entries, kinds) => {
      assert(store !== undefined, 'there is a store')
      return belonging(entries, { namespaces, book: book ?? (await NamespaceBook.open(store.backend)), kinds })
    },
    restored: async () => book?.reload(),
  }
}

/** Without an answer nothing is removed, and the next start looks again. */
const triesMax = 5
const pauseMs = 1000
