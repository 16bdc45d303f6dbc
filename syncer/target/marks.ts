import { SharedTexts } from '../known/shared-texts.ts'
import type { ObjectMeta } from '../../machinery/object.ts'
import { hashOfMetadata, hashOfText } from '../hash.ts'

/** The names that ESO writes onto what it manages (eso-behaviour.md 0.4 to 0.6): we take over its Secrets, it ours. */
export const managedLabel = 'reconcile.external-secrets.io/managed'
export const createdByLabel = 'reconcile.external-secrets.io/created-by'
export const dataHashAnnotation = 'reconcile.external-secrets.io/data-hash'
export const ignoreMaintenanceAnnotation = 'external-secrets.io/ignore-maintenance-checks'

/** On a Secret that somebody else made: its maker's leave to take it over. */
export const adoptAnnotation = 'external-secrets.io/adopt'

/** The selector of the Secrets that some ExternalSecret manages. */
export const managedSelector = `${managedLabel}=true`

/** Status is written by this manager, target Secrets by `managerOf`. */
export const statusManager = 'external-secrets'

const managerPrefix = 'externalsecrets.external-secrets.io/'
const managerLengthMax = 63

/** The field manager of what the ExternalSecret of that name writes: it tells which labels are its own. */
export function managerOf(name: string): string {
  const manager = `${managerPrefix}${name}`
  return Buffer.byteLength(manager) > managerLengthMax ? `${managerPrefix}sha3/${hashOfText(name)}` : manager
}

/** The value of the label created-by. */
export function creatorOf(namespace: string, name: string): string {
  return hashOfText(`${namespace}/${name}`)
}

const syncedVersions = new WeakMap<ObjectMeta, string>()
/** Of most objects it is the same: they are of one generation and have no labels. */
const texts = new SharedTexts()

/** What status.syncedResourceVersion says of an object in this state. */
export function syncedVersionOf(metadata: ObjectMeta): string {
  const known = syncedVersions.get(metadata)
  if (known !== undefined) return known
  const version = texts.of(`${metadata.generation ?? 0}-${hashOfMetadata(metadata)}`)
  syncedVersions.set(metadata, version)
  return version
}
