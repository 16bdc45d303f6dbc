import type { ArchivedKinds } from '../../../apiserver/archive/archived-kinds.ts'
import type { ResourceClient } from '../../../machinery/client.ts'
import type { KubeObject } from '../../../machinery/object.ts'
import { isObjectKey } from '../../../storage/archive/restore.ts'
import type { NewEntry } from '../../../storage/backend.ts'
import { bookEntries, type NotedNamespaces, notedIn } from './namespace-book.ts'
import { isLeftOver, presentNamespaces } from './present-namespaces.ts'

interface BelongingParts {
  readonly namespaces: ResourceClient<KubeObject>
  /** Of the store that the snapshot goes into. */
  readonly book: NotedNamespaces
  readonly kinds: ArchivedKinds
}

/**
 * Of a snapshot, what lies in namespaces that are still there, with the book that goes with it. A snapshot of another
 * cluster is taken whole: its namespaces are others by their uids, and meant to be the same.
 */
export async function belonging(
  entries: readonly NewEntry[],
  { namespaces, book, kinds }: BelongingParts,
): Promise<readonly NewEntry[]> {
  const present = await presentNamespaces(namespaces)
  const noted = notedIn(entries)
  const uids = noted.cluster === present.cluster ? noted.uids : new Map<string, string>()
  const stays = (entry: NewEntry): boolean => {
    const namespace = kinds.namespaceOf(entry.key)
    if (namespace === undefined) return true
    const now = present.namespaces.get(namespace)
    return !isLeftOver({ noted: uids.get(namespace), now, createdAt: kinds.creationTimeOf(entry) })
  }
  const objects = entries.filter(({ key }) => isObjectKey(key)).filter(stays)
  const names = objects.flatMap(({ key }) => kinds.namespaceOf(key) ?? [])
  const now = [...new Set(names)].flatMap((name) => {
    const uid = present.namespaces.get(name)?.uid
    return uid === undefined ? [] : [[name, uid] as const]
  })
  return [...objects, ...bookEntries({ cluster: present.cluster, uids: new Map([...book.uids, ...now]) })]
}
