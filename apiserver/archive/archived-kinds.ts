import { StorageError } from '../../storage/errors.ts'
import type { Key } from '../../storage/storage.ts'
import { storedCodec, type StoredCodec } from '../registry/codec.ts'
import type { KindDeclaration } from '../registry/kind.ts'
import { kindRange, objectNameOf } from '../registry/store-key.ts'

/** What the keys and values of a store stand for, of the kinds that are served. */
export interface ArchivedKinds {
  /** Throws `corrupt` for what no kind of these could have written; so do the next two. */
  uidOf(entry: ArchivedEntry): string
  namespaceOf(key: Key): string | undefined
  creationTimeOf(entry: ArchivedEntry): string
  /** Of a kind whose objects go by themselves. */
  isFleeting(key: Key): boolean
  /** `externalwidgets default/one`. */
  nameOf(key: Key): string
}

interface ArchivedEntry {
  readonly key: Key
  readonly value: Uint8Array
}

export function archivedKinds(kinds: readonly KindDeclaration[]): ArchivedKinds {
  const stored = kinds.filter(({ review }) => review === undefined)
  const known = new Map<string, Known>(
    stored.map((kind) => [kindRange(kind).start, { kind, codec: storedCodec(kind) }]),
  )
  const found = (key: Key): Known | undefined => known.get(`${key.split('/', 3).join('/')}/`)
  const of = (key: Key): Known => {
    const one = found(key)
    if (one === undefined) throw unusable('it holds objects of a kind that this server does not serve')
    return one
  }
  return {
    uidOf: (entry) => metadataOf(of(entry.key), entry).uid,
    creationTimeOf: (entry) => metadataOf(of(entry.key), entry).creationTimestamp,
    namespaceOf: (key) => objectNameOf(of(key).kind, key).namespace,
    isFleeting: (key) => found(key)?.kind.expires !== undefined,
    nameOf: (key) => {
      const kind = found(key)?.kind
      if (kind === undefined) return key
      const { namespace, name } = objectNameOf(kind, key)
      return `${kind.names.plural} ${namespace === undefined ? '' : `${namespace}/`}${name}`
    },
  }
}

interface Known {
  readonly kind: KindDeclaration
  readonly codec: StoredCodec
}

function metadataOf(
  { kind, codec }: Known,
  { key, value }: ArchivedEntry,
): { readonly uid: string; readonly creationTimestamp: string } {
  const { name, namespace, uid, creationTimestamp } = read(codec, value)
  const named = objectNameOf(kind, key)
  const isThere = named.name === name && (named.namespace ?? '') === (namespace ?? '')
  if (uid === undefined || !isThere) throw unusable('an object in it is not what its key says')
  return { uid, creationTimestamp: creationTimestamp ?? '' }
}

/** An error raised over a value carries our words only. */
function read(codec: StoredCodec, value: Uint8Array) {
  try {
    return codec.decode(value).object.metadata
  } catch {
    throw unusable('an object in it cannot be read')
  }
}

function unusable(why: string): StorageError {
  return new StorageError('corrupt', `the snapshot: ${why}`)
}
