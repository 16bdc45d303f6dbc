import type { ObjectName } from '../../../machinery/client.ts'
import { invalidField } from '../../../machinery/field-error.ts'
import { jsonEqual } from '../../../machinery/json/equal.ts'
import type { KubeObject } from '../../../machinery/object.ts'
import { isResourceVersion } from '../../../machinery/resource-version.ts'
import { isStatusReason } from '../../../machinery/status.ts'
import { badRequest, conflict, invalid, modifiedConflict, notFound, timeout } from '../../../machinery/status-errors.ts'
import { StorageError, type StorageErrorCode } from '../../../storage/errors.ts'
import type { Item } from '../../../storage/storage.ts'
import { silentContext } from '../../admission/admission-context.ts'
import { Settlement } from '../../admission/settlement.ts'
import type { AdmissionRequest } from '../../admission/admission.ts'
import { storedSize } from '../codec.ts'
import type { RegistryParts } from '../registry-parts.ts'
import { storeKey } from '../store-key.ts'
import { type Stored, type StoredState, withObject } from '../stored.ts'
import { withAdmitted } from '../../admission/admitted.ts'
import { storeNew, withNamespace, wiped } from './create.ts'
import { isReleased } from './finalizers.ts'
import { withoutDuplicateOwners } from './owner-references.ts'
import { receiveObject } from './receive.ts'
import { updatedObject } from './strategy.ts'
import { validate } from './validation.ts'
import type { WriteRequest, Written } from './write-request.ts'

export interface UpdateRequest extends WriteRequest {
  readonly subresource: '' | 'status'
  readonly change: Change
}

export type Change =
  /** PUT: the new object, and the uid as a precondition. */
  | { readonly type: 'replace'; readonly object: KubeObject }
  /** The live object, as served in the request's version, to the new one; runs again when another write wins. */
  | { readonly type: 'patch'; readonly patch: (live: KubeObject) => KubeObject }
  /** Server-side apply; creates the object when there is none. `checked` runs after it: conflicts win over it. */
  | { readonly type: 'apply'; readonly config: KubeObject; readonly force: boolean; readonly checked: () => void }

/** As long as kube-apiserver gives a write (requestTimeoutUpperBound). */
const writeDurationMsMax = 34_000

/** Reads, changes, checks and writes, again and again while other writers win; a stale resourceVersion ends it. */
export async function updateObject(parts: RegistryParts, at: ObjectName, request: UpdateRequest): Promise<Written> {
  const key = storeKey(parts.kind, at)
  const deadline = parts.clock.monotonic() + writeDurationMsMax
  while (parts.clock.monotonic() < deadline && !request.isAborted()) {
    const live = await parts.storage.get(key)
    const write = live === undefined ? createApplied(parts, at, request) : writeOver(parts, { at, live, request })
    const written = await unlessRaced(write)
    if (written !== undefined) return written
  }
  throw timeout('request did not complete within requested timeout - context deadline exceeded')
}

/** Undefined when another writer was faster: AlreadyExists is an apply that another creation overtook. */
async function unlessRaced(write: Promise<Written>): Promise<Written | undefined> {
  try {
    return await write
  } catch (error) {
    if (error instanceof StorageError && racedCodes.has(error.code)) return undefined
    if (isStatusReason(error, 'AlreadyExists')) return undefined
    throw error
  }
}

const racedCodes: ReadonlySet<StorageErrorCode> = new Set(['conflict', 'key-missing'])

interface Write {
  readonly at: ObjectName
  readonly live: Item<Stored>
  readonly request: UpdateRequest
}

/** Only an apply to the main resource creates. */
async function createApplied(parts: RegistryParts, at: ObjectName, request: UpdateRequest): Promise<Written> {
  const { change } = request
  if (change.type !== 'apply' || request.subresource !== '') throw notFound(parts.resource, at.name)
  const { uid } = change.config.metadata
  if (uid !== undefined && uid !== '') {
    const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`
    throw conflict(parts.resource, at.name, why)
  }
  const applied = parts.ownership.apply(wiped(change.config), undefined, { ...writerOf(request), force: change.force })
  change.checked()
  const draft = located(parts, applied, at)
  return storeNew(parts, draft, { ...request, ...(at.namespace !== undefined && { namespace: at.namespace }) })
}

async function writeOver(parts: RegistryParts, write: Write): Promise<Written> {
  const { at, live, request } = write
  const before = parts.representations.object(live, request.version)
  const changed = changedObject(parts, write, before)
  checkUid(parts, { changed, live, request })
  const draft = withoutDuplicateOwners(located(parts, changed, at), request.warn)
  const settlement = new Settlement()
  try {
    const asked = admissionOf(parts, { write, draft, before }, settlement)
    const mutated = parts.admission.mutate(asked)
    const admitted = (mutated instanceof Promise ? await mutated : mutated) ?? draft
    return { state: await storeAdmitted(parts, admitted, { ...write, asked }), created: false }
  } finally {
    settlement.settle()
  }
}

async function storeAdmitted(
  parts: RegistryParts,
  object: KubeObject,
  { asked, ...write }: Write & { readonly asked: AdmissionRequest },
): Promise<StoredState> {
  const { live, request } = write
  const admitted = withoutDuplicateOwners(object, request.warn)
  checkResourceVersion(parts, admitted, write)
  const settled = settledObject(parts, admitted, write)
  const judged = { version: request.version, sent: admitted, next: settled, previous: live.value }
  validate(parts, { ...judged, warn: request.warn })
  const ours = withAdmitted(parts, settled, { request, previous: live.value })
  const next = ours instanceof Promise ? await ours : ours
  const validated = parts.admission.validate({ ...asked, object: admitted, storedBytes: storedSize(next) })
  if (validated instanceof Promise) await validated
  return stored(parts, next, write)
}

function changedObject(parts: RegistryParts, { live, request }: Write, before: KubeObject): KubeObject {
  const { change } = request
  const writer = writerOf(request)
  if (change.type === 'apply') {
    const applied = parts.ownership.apply(change.config, live.value, { ...writer, force: change.force })
    change.checked()
    return applied
  }
  return parts.ownership.track(change.type === 'replace' ? change.object : change.patch(before), live.value, writer)
}

/** Strategy, then the timestamps of managedFields: what of the object is new after all. */
function settledObject(parts: RegistryParts, admitted: KubeObject, { live, request }: Write): Stored {
  const received = parts.conversion.receive(admitted)
  const endpoint = { version: request.version, subresource: request.subresource }
  const next = updatedObject(parts, received, { ...endpoint, live: live.value })
  return withObject(next, parts.ownership.keepTimes(next.object, live.value.object))
}

async function stored(parts: RegistryParts, next: Stored, { live, request }: Write): Promise<StoredState> {
  if (isReleased(parts.kind, next.object.metadata)) {
    if (!request.isDryRun) await parts.storage.remove(live.key, live.revision)
    return { value: next, revision: live.revision }
  }
  if (jsonEqual(next.object, live.value.object) && jsonEqual(next.hidden, live.value.hidden)) return live
  if (request.isDryRun) return { value: next, revision: live.revision }
  const { revision } = await parts.storage.replace(live.key, next, live.revision)
  return { value: next, revision }
}

function located(parts: RegistryParts, object: KubeObject, at: ObjectName): KubeObject {
  const { name = '' } = object.metadata
  if (name === '') {
    throw badRequest(`the name of the object (${at.name} based on URL) was undeterminable: name must be provided`)
  }
  if (name !== at.name) {
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${at.name})`)
  }
  return withNamespace(parts, object, at.namespace)
}

/** A foreign uid is a failed precondition of a PUT, and an attempt to change an immutable field in a patch. */
function checkUid(
  parts: RegistryParts,
  { changed, live, request }: { changed: KubeObject; live: Item<Stored>; request: UpdateRequest },
): void {
  const sent = changed.metadata.uid ?? ''
  const own = live.value.object.metadata.uid ?? ''
  const name = live.value.object.metadata.name ?? ''
  if (sent === '' || sent === own) return
  if (request.change.type !== 'replace') {
    throw invalid(parts.groupKind, name, [invalidField('metadata.uid', sent, 'field is immutable')])
  }
  const detail = `Precondition failed: UID in precondition: ${sent}, UID in object meta: ${own}`
  const where = `StorageError: invalid object, Code: 4, Key: ${live.key}, ResourceVersion: 0`
  const why = `${where}, AdditionalErrorMsg: ${detail}`
  throw conflict(parts.resource, name, why)
}

function checkResourceVersion(parts: RegistryParts, next: KubeObject, { live, request }: Write): void {
  const name = live.value.object.metadata.name ?? ''
  const { resourceVersion: sent = '' } = next.metadata
  if (sent !== '' && !isResourceVersion(sent)) throw badRequest(`invalid resource version: ${JSON.stringify(sent)}`)
  if (sent !== '' && sent !== '0') {
    if (sent !== String(live.revision)) throw modifiedConflict(parts.resource, name)
    return
  }
  if (request.change.type !== 'replace' || parts.kind.defaults === 'stored') return
  const error = invalidField('metadata.resourceVersion', 0, 'must be specified for an update')
  throw invalid({ group: parts.kind.group, kind: parts.kind.names.plural }, name, [error])
}

function writerOf(request: UpdateRequest): { manager: string; version: string; subresource: '' | 'status' } {
  return { manager: request.fieldManager, version: request.version, subresource: request.subresource }
}

function admissionOf(
  parts: RegistryParts,
  { write, draft, before }: { write: Write; draft: KubeObject; before: KubeObject },
  settlement: Settlement,
): AdmissionRequest {
  const { at, request } = write
  return {
    operation: 'UPDATE',
    kind: parts.kind,
    version: request.version,
    subresource: request.subresource,
    namespace: at.namespace,
    name: at.name,
    user: request.user,
    isDryRun: request.isDryRun,
    object: draft,
    oldObject: before,
    storedBytes: undefined,
    warn: request.warn,
    context: request.context ?? silentContext,
    decode: (value) => receiveObject(parts, value, request.version).object,
    settlement,
  }
}
