import type { ObjectName } from '../../../machinery/client.ts'
import { jsonEqual } from '../../../machinery/json/equal.ts'
import { conflict, notFound, timeout } from '../../../machinery/status-errors.ts'
import { StorageError } from '../../../storage/errors.ts'
import type { Item } from '../../../storage/storage.ts'
import { silentContext } from '../../admission/admission-context.ts'
import { Settlement } from '../../admission/settlement.ts'
import type { AdmissionContext } from '../../admission/admission-context.ts'
import type { AdmissionRequest } from '../../admission/admission.ts'
import type { UserInfo } from '../../request-context.ts'
import type { RegistryParts } from '../registry-parts.ts'
import { storeKey } from '../store-key.ts'
import type { Stored, StoredState } from '../stored.ts'
import { finalizersOfDeletion, marked, type Propagation } from './finalizers.ts'
import { receiveObject } from './receive.ts'

export interface Deletion {
  /** The version that admission sees the object in. */
  readonly version: string
  readonly user: UserInfo
  readonly propagation: Propagation
  readonly preconditions: Preconditions
  readonly isDryRun: boolean
  /** As of a write. */
  readonly isAborted: () => boolean
  readonly warn: (text: string) => void
  readonly context?: AdmissionContext
}

export interface Preconditions {
  readonly uid?: string
  readonly resourceVersion?: string
}

/** `isGone` is false while finalizers, or the kind's controller, hold the object. */
export interface Removed {
  readonly state: StoredState
  readonly isGone: boolean
}

/** As long as kube-apiserver gives a write. */
const deleteDurationMsMax = 34_000

/** Deletion is an update while something holds the object, and a removal otherwise. */
export async function removeObject(parts: RegistryParts, at: ObjectName, deletion: Deletion): Promise<Removed> {
  const key = storeKey(parts.kind, at)
  const deadline = parts.clock.monotonic() + deleteDurationMsMax
  while (parts.clock.monotonic() < deadline && !deletion.isAborted()) {
    const live = await parts.storage.get(key)
    if (live === undefined) throw notFound(parts.resource, at.name)
    checkPreconditions(parts, live, deletion.preconditions)
    const removed = await unlessRaced(removeLive(parts, { at, live, deletion }))
    if (removed !== undefined) return removed
  }
  throw timeout('request did not complete within requested timeout - context deadline exceeded')
}

interface Removal {
  readonly at: ObjectName
  readonly live: Item<Stored>
  readonly deletion: Deletion
}

async function removeLive(parts: RegistryParts, removal: Removal): Promise<Removed> {
  const settlement = new Settlement()
  try {
    const asked = admissionOf(parts, removal, settlement)
    await parts.admission.mutate(asked)
    await parts.admission.validate(asked)
    return await removeAdmitted(parts, removal)
  } finally {
    settlement.settle()
  }
}

async function removeAdmitted(parts: RegistryParts, { live, deletion }: Removal): Promise<Removed> {
  const finalizers = finalizersOfDeletion(live.value.object.metadata, deletion.propagation)
  const isHeld = finalizers.length > 0 || parts.kind.terminating !== undefined
  if (!isHeld)
    return { state: deletion.isDryRun ? live : await parts.storage.remove(live.key, live.revision), isGone: true }
  const next = marked(parts.kind, live.value, { finalizers, nowMs: parts.clock.now() })
  if (jsonEqual(next.object, live.value.object)) return { state: live, isGone: false }
  if (deletion.isDryRun) return { state: { value: next, revision: live.revision }, isGone: false }
  return { state: await parts.storage.replace(live.key, next, live.revision), isGone: false }
}

function checkPreconditions(parts: RegistryParts, live: Item<Stored>, { uid, resourceVersion }: Preconditions): void {
  const { name = '', uid: ownUid = '' } = live.value.object.metadata
  const subject = { group: parts.kind.group, resource: parts.kind.names.kind }
  if (uid !== undefined && uid !== ownUid) {
    const why = `the UID in the precondition (${uid}) does not match the UID in record (${ownUid}).`
    throw conflict(subject, name, `${why} The object might have been deleted and then recreated`)
  }
  if (resourceVersion !== undefined && resourceVersion !== String(live.revision)) {
    const record = `the ResourceVersion in record (${live.revision}).`
    const why = `the ResourceVersion in the precondition (${resourceVersion}) does not match ${record}`
    throw conflict(subject, name, `${why} The object might have been modified`)
  }
}

/** Undefined when another writer was faster. */
async function unlessRaced(removal: Promise<Removed>): Promise<Removed | undefined> {
  try {
    return await removal
  } catch (error) {
    if (error instanceof StorageError && (error.code === 'conflict' || error.code === 'key-missing')) return undefined
    throw error
  }
}

function admissionOf(parts: RegistryParts, { at, live, deletion }: Removal, settlement: Settlement): AdmissionRequest {
  return {
    operation: 'DELETE',
    kind: parts.kind,
    version: deletion.version,
    subresource: '',
    namespace: at.namespace,
    name: at.name,
    user: deletion.user,
    isDryRun: deletion.isDryRun,
    oldObject: parts.representations.object(live, deletion.version),
    storedBytes: undefined,
    warn: deletion.warn,
    context: deletion.context ?? silentContext,
    decode: (value) => receiveObject(parts, value, deletion.version).object,
    settlement,
  }
}
