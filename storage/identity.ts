import type { Backend, Key, Revision } from './backend.ts'
import { isStorageError, StorageError } from './errors.ts'
import { members } from './members.ts'

/**
 * Who a store is. Revisions of one epoch are comparable; a copy that is put back begins a new one. Epoch 0: it has a
 * name, and nothing of it was ever served.
 */
export interface StoreIdentity {
  readonly uid: string
  readonly epoch: number
}

export const identityKey = '/store/identity' as Key

/**
 * Reads who the store is, and names it when it is new. Rejects with `foreign` when it is not the one that was expected,
 * a new one included: an empty store must never pass for the one that was lost.
 */
export async function identifyStore(backend: Backend, options: IdentifyOptions): Promise<StoreIdentity> {
  const { expectedUid, newUid } = options
  const found = await readIdentity(backend)
  if (expectedUid !== undefined && found?.uid !== expectedUid) {
    throw new StorageError('foreign', `expected store ${expectedUid}, found ${found?.uid ?? 'an unnamed one'}`)
  }
  if (found) return found
  const identity = { uid: newUid(), epoch: 1 }
  try {
    await backend.create(identityKey, identityBytes(identity))
    return identity
  } catch (error) {
    // Another opener was faster: its name is the store's.
    if (!isStorageError(error, 'key-exists')) throw error
    return identifyStore(backend, options)
  }
}

export interface IdentifyOptions {
  readonly expectedUid?: string
  readonly newUid: () => string
}

/** Undefined in a store that nobody has named yet. */
export async function readIdentity(backend: Backend): Promise<StoreIdentity | undefined> {
  const entry = await backend.get(identityKey)
  return entry && parseIdentity(entry.value)
}

/** Names the store, or gives it another name. */
export async function writeIdentity(backend: Backend, identity: StoreIdentity): Promise<StoreIdentity> {
  const bytes = identityBytes(identity)
  const entry = await backend.get(identityKey)
  if (entry === undefined) await backend.create(identityKey, bytes)
  else await backend.replace(identityKey, bytes, entry.revision)
  return identity
}

/** The last revision of the store. */
export function lastRevision(backend: Backend): Promise<Revision> {
  return backend.barrier({ start: identityKey, end: `${identityKey}\0` as Key })
}

export function identityBytes(identity: StoreIdentity): Uint8Array {
  return Buffer.from(JSON.stringify(identity))
}

export function parseIdentity(bytes: Uint8Array): StoreIdentity {
  try {
    const { uid, epoch } = members(JSON.parse(Buffer.from(bytes).toString()))
    if (typeof uid === 'string' && typeof epoch === 'number') return { uid, epoch }
  } catch {
    // Falls through to the same answer: our own words only.
  }
  throw new StorageError('corrupt', identityKey)
}
