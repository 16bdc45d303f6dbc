import { ProviderError } from '../errors.ts'
import type { VaultSpec } from './spec.ts'

/**
 * Where a key lies in the API (eso-inventory.md 4.4). A key may repeat the mount, and for version 2 `data/` after it;
 * without a mount in the store the key's first segment is the mount.
 */
export function dataPath(spec: VaultSpec, key: string): string {
  const version2 = isVersion2(spec)
  if (spec.path !== undefined) return encoded([spec.path, ...(version2 ? ['data'] : []), belowMount(spec, key)])
  if (!version2 || key.includes('/data/')) return encoded([key])
  const [mount = '', ...rest] = key.split('/')
  return encoded([mount, 'data', ...rest])
}

/** Where the metadata of a key lies, and what is listed to find keys; the key may end in `/` or be empty then. */
export function metadataPath(spec: VaultSpec, key: string): string {
  const version2 = isVersion2(spec)
  if (spec.path !== undefined) return encoded([spec.path, ...(version2 ? ['metadata'] : []), belowMount(spec, key)])
  if (!version2) throw new ProviderError('invalid-ref', 'path is needed in the store to find secrets')
  if (!key.includes('data')) throw new ProviderError('invalid-ref', "provided Path isn't a valid kv v2 path")
  return encoded([key.replace('/data/', '/metadata/')])
}

export function isVersion2({ version }: VaultSpec): boolean {
  return version !== 'v1'
}

function belowMount(spec: VaultSpec, key: string): string {
  const mount = `${spec.path}/`
  if (!key.startsWith(mount)) return key
  const rest = key.slice(mount.length)
  return isVersion2(spec) && rest.startsWith('data/') ? rest.slice('data/'.length) : rest
}

/** Each segment as one segment of an URL. Dot segments would leave the mount, whoever resolves them first. */
export function encoded(parts: readonly string[]): string {
  const segments = parts.flatMap((part) => part.split('/')).filter((segment) => segment !== '')
  if (segments.some((segment) => segment === '.' || segment === '..')) {
    throw new ProviderError('invalid-ref', 'a key must not contain the segments "." and ".."')
  }
  return segments.map(encodeURIComponent).join('/')
}
