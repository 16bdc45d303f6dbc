import type { MaybePromise } from '../../../base/waiting/maybe-promise.ts'
import { Mutex } from '../../../base/waiting/mutex.ts'
import type { Backend, Entry, Key, KeyRange, NewEntry } from '../../../storage/backend.ts'
import { isStorageError } from '../../../storage/errors.ts'

/** Which namespace each name stood for, and in which cluster. */
export interface NotedNamespaces {
  /** The uid of its kube-system, which is as old as the cluster; undefined before the first look. */
  readonly cluster: string | undefined
  readonly uids: ReadonlyMap<string, string>
}

/**
 * What the store knows of the namespaces that its objects lie in. It lies with them, so that a copy of the store brings
 * the namespaces of its time along.
 */
export class NamespaceBook implements NotedNamespaces {
  readonly #backend: Backend
  readonly #turn = new Mutex()
  #cluster: string | undefined
  #uids = new Map<string, string>()

  private constructor(backend: Backend) {
    this.#backend = backend
  }

  static async open(backend: Backend): Promise<NamespaceBook> {
    const book = new NamespaceBook(backend)
    await book.reload()
    return book
  }

  get cluster(): string | undefined {
    return this.#cluster
  }

  get uids(): ReadonlyMap<string, string> {
    return this.#uids
  }

  /** After the store has changed otherwise. */
  async reload(): Promise<void> {
    const { entries } = await this.#backend.list(bookRange, { limit: Number.POSITIVE_INFINITY })
    const noted = notedIn(entries)
    this.#cluster = noted.cluster
    this.#uids = new Map(noted.uids)
  }

  /** To be durable before the first object is. */
  note(name: string, uid: string): MaybePromise<void> {
    return this.#uids.get(name) === uid ? undefined : this.#noteAnew(name, uid)
  }

  async #noteAnew(name: string, uid: string): Promise<void> {
    await this.#turn.run(() => this.#put(namespaceKey(name), uid))
    this.#uids.set(name, uid)
  }

  async forget(name: string): Promise<void> {
    await this.#turn.run(() => this.#drop(namespaceKey(name)))
    this.#uids.delete(name)
  }

  /** Of namespaces of another cluster nothing is known. */
  async begin(cluster: string): Promise<void> {
    for (const name of [...this.#uids.keys()]) await this.forget(name)
    await this.#turn.run(() => this.#put(clusterKey, cluster))
    this.#cluster = cluster
  }

  async #put(key: Key, uid: string): Promise<void> {
    const found = await this.#backend.get(key)
    if (found === undefined) await this.#backend.create(key, Buffer.from(uid))
    else await this.#backend.replace(key, Buffer.from(uid), found.revision)
  }

  async #drop(key: Key): Promise<void> {
    const found = await this.#backend.get(key)
    if (found === undefined) return
    await this.#backend.remove(key, found.revision).catch((error: unknown) => {
      if (!isStorageError(error, 'key-missing')) throw error
    })
  }
}

/** What a book of this would be in a store. */
export function bookEntries({ cluster = '', uids }: NotedNamespaces): readonly NewEntry[] {
  const entries = [...uids].map(([name, uid]) => ({ key: namespaceKey(name), value: Buffer.from(uid) }))
  return [{ key: clusterKey, value: Buffer.from(cluster) }, ...entries]
}

export function notedIn(entries: readonly Pick<Entry, 'key' | 'value'>[]): NotedNamespaces {
  const textOf = ({ value }: NewEntry): string => Buffer.from(value).toString()
  const cluster = entries.find(({ key }) => key === clusterKey)
  const named = entries.filter(({ key }) => key.startsWith(prefix))
  return {
    cluster: cluster && textOf(cluster),
    uids: new Map(named.map((entry) => [entry.key.slice(prefix.length), textOf(entry)])),
  }
}

const clusterKey = '/store/cluster' as Key
const prefix = '/store/namespaces/'
const bookRange: KeyRange = { start: clusterKey, end: '/store/namespaces0' as Key }

function namespaceKey(name: string): Key {
  return `${prefix}${name}` as Key
}
