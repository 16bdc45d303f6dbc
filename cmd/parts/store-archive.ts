import type { Archive, Others, Restoration } from '../../apiserver/archive/archive-endpoint.ts'
import { archivedKinds } from '../../apiserver/archive/archived-kinds.ts'
import type { KindDeclaration } from '../../apiserver/registry/kind.ts'
import type { Logger } from '../../base/log.ts'
import { isObjectKey, type Restored, restoreSnapshot } from '../../storage/archive/restore.ts'
import { parseSnapshot, snapshotPieces } from '../../storage/archive/snapshot.ts'
import type { Backend, Revision } from '../../storage/backend.ts'
import type { Host, KeptStore } from '../hosts/host.ts'

/** `/apis/external-secrets.io/v1/snapshots/current`. */
export const archivePlace = { group: 'external-secrets.io', version: 'v1' }

interface ArchiveParts {
  readonly store: KeptStore
  readonly kinds: readonly KindDeclaration[]
  readonly host: Pick<Host, 'belonging' | 'restored'>
  readonly log: Logger
}

/**
 * The store as a file and back; nothing is touched before the whole file has been read and found good. One that is
 * refused is shown and replaced too: who may restore may decide which store is the right one.
 */
export function storeArchive({ store, kinds, host, log }: ArchiveParts): Archive {
  const archived = archivedKinds(kinds)
  return {
    snapshot: () => snapshotPieces(store.backend),
    restore: async (file: Uint8Array, others: Others): Promise<Restoration> => {
      const { entries } = parseSnapshot(file)
      const objects = entries.filter(({ key }) => isObjectKey(key))
      for (const entry of objects) archived.uidOf(entry)
      const belonging = (await host.belonging?.(entries, archived)) ?? objects
      const put = (backend: Backend, refusedAbove?: Revision): Promise<Restored> => {
        const refused = refusedAbove !== undefined && { refusedAbove }
        return restoreSnapshot(backend, belonging, { others, ...archived, ...refused })
      }
      const isRefused = store.refusal() !== undefined && store.putRefused !== undefined
      const restored = await (isRefused ? store.putRefused(put) : put(store.backend))
      if (restored.type === 'restored') {
        await host.restored?.()
        log.warn('a snapshot was restored', { ...restored })
        return restored
      }
      const { length: count } = restored.others
      return {
        type: 'refused',
        count,
        examples: restored.others.slice(0, examplesMax).map((key) => archived.nameOf(key)),
      }
    },
  }
}

const examplesMax = 20
