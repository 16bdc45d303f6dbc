import type { ObjectName } from '../../machinery/client.ts'
import type { Key, KeyRange } from '../../storage/storage.ts'
import type { KindDeclaration } from './kind.ts'

/** `/<group>/<resource>/<namespace>/<name>`; the core group, which has no name, is `core` here. */
export function storeKey(kind: KindDeclaration, at: ObjectName): Key {
  const namespace = kind.scope === 'namespaced' ? `${at.namespace ?? ''}/` : ''
  return brand(`${prefixOf(kind)}${namespace}${at.name}`)
}

/** What `storeKey` made the key of. */
export function objectNameOf(kind: KindDeclaration, key: Key): ObjectName {
  const [, , , ...rest] = key.split('/')
  if (kind.scope === 'cluster') return { name: rest[0] ?? '' }
  return { namespace: rest[0] ?? '', name: rest[1] ?? '' }
}

/** All keys of the kind: what its storage holds. */
export function kindRange(kind: KindDeclaration): KeyRange {
  return rangeOf(prefixOf(kind))
}

export function namespaceRange(kind: KindDeclaration, namespace: string): KeyRange {
  return rangeOf(`${prefixOf(kind)}${namespace}/`)
}

export function singleKeyRange(key: Key): KeyRange {
  return { start: key, end: brand(`${key}\0`) }
}

function prefixOf(kind: KindDeclaration): string {
  return `/${kind.group === '' ? 'core' : kind.group}/${kind.names.plural}/`
}

/** '0' is the character after '/'. */
function rangeOf(prefix: string): KeyRange {
  return { start: brand(prefix), end: brand(`${prefix.slice(0, -1)}0`) }
}

function brand(text: string): Key {
  return text as Key
}
