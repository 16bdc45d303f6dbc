import { withMembers, withoutMembers } from '../../../machinery/json/member.ts'
import type { KubeObject, ObjectMeta } from '../../../machinery/object.ts'
import { requiredField } from '../../../machinery/field-error.ts'
import { generatedName } from '../../../machinery/names.ts'
import { alreadyExists, badRequest, beingDeleted, invalid, nameNotGenerated } from '../../../machinery/status-errors.ts'
import { formatTime } from '../../../machinery/time.ts'
import { isStorageError } from '../../../storage/errors.ts'
import { silentContext } from '../../admission/admission-context.ts'
import { Settlement } from '../../admission/settlement.ts'
import type { AdmissionRequest } from '../../admission/admission.ts'
import { storedSize } from '../codec.ts'
import type { RegistryParts } from '../registry-parts.ts'
import { storeKey } from '../store-key.ts'
import type { Stored, StoredState } from '../stored.ts'
import { withAdmitted } from '../../admission/admitted.ts'
import { withoutDuplicateOwners } from './owner-references.ts'
import { receiveObject } from './receive.ts'
import { bornObject } from './strategy.ts'
import { validate } from './validation.ts'
import type { WriteRequest, Written } from './write-request.ts'

export interface CreateRequest extends WriteRequest {
  /** Of the URL; absent for cluster-scoped kinds. */
  readonly namespace?: string
}

const generatedNameTriesMax = 8

/** The steps of rest.BeforeCreate and its callers, in their order. */
export async function createObject(parts: RegistryParts, object: KubeObject, request: CreateRequest): Promise<Written> {
  // "0" is no version of any object.
  if (!['', '0'].includes(object.metadata.resourceVersion ?? '')) {
    throw badRequest('resourceVersion should not be set on objects to be created')
  }
  const draft = withoutDuplicateOwners(withNamespace(parts, wiped(object), request.namespace), request.warn)
  const writer = { manager: request.fieldManager, version: request.version, subresource: '' as const }
  return storeNew(parts, parts.ownership.track(draft, undefined, writer), request)
}

/** From admission on: what POST and an apply that creates have in common. */
export async function storeNew(parts: RegistryParts, draft: KubeObject, request: CreateRequest): Promise<Written> {
  const settlement = new Settlement()
  try {
    const asked = admissionOf(parts, { object: draft, request }, settlement)
    const mutated = parts.admission.mutate(asked)
    const admitted = (mutated instanceof Promise ? await mutated : mutated) ?? draft
    const deduped = withoutDuplicateOwners(admitted, request.warn)
    return { state: await storeUnderFreeName(parts, deduped, { request, asked }), created: true }
  } finally {
    settlement.settle()
  }
}

const saidByServer = [
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
] as const

/** The body of a creation without what only the server says. */
export function wiped(object: KubeObject): KubeObject {
  return withMetadata(object, withoutMembers(object.metadata, saidByServer))
}

export function withNamespace(parts: RegistryParts, object: KubeObject, namespace: string | undefined): KubeObject {
  const { namespace: sent } = object.metadata
  if (parts.kind.scope === 'cluster') return withMetadata(object, withoutMembers(object.metadata, ['namespace']))
  if (sent === namespace) return object
  if (sent !== undefined && sent !== '') {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
  }
  return withMetadata(object, withMembers<ObjectMeta>(object.metadata, { namespace }))
}

function withMetadata(object: KubeObject, metadata: ObjectMeta): KubeObject {
  return metadata === object.metadata ? object : { ...object, metadata }
}

interface NamedWrite {
  readonly request: CreateRequest
  readonly asked: AdmissionRequest
}

async function storeNamed(parts: RegistryParts, named: KubeObject, write: NamedWrite): Promise<StoredState> {
  const { request, asked } = write
  const born = bornObject(parts, parts.conversion.receive(named), request.version)
  validate(parts, { version: request.version, sent: named, next: born, warn: request.warn })
  const admitted = withAdmitted(parts, born, { request })
  const next = admitted instanceof Promise ? await admitted : admitted
  const name = named.metadata.name ?? ''
  const validated = parts.admission.validate({ ...asked, name, object: named, storedBytes: storedSize(next) })
  if (validated instanceof Promise) await validated
  if (request.isDryRun) return dryRunState(parts, next)
  const { revision } = await parts.storage.create(storeKey(parts.kind, keyOf(next)), next)
  return { value: next, revision }
}

async function dryRunState(parts: RegistryParts, next: Stored): Promise<StoredState> {
  const taken = await parts.storage.get(storeKey(parts.kind, keyOf(next)))
  if (taken !== undefined) throw takenBy(parts, taken.value)
  return { value: next }
}

/** Draws names until one is free; a name that the client chose is tried once. */
async function storeUnderFreeName(parts: RegistryParts, object: KubeObject, write: NamedWrite): Promise<StoredState> {
  const isGenerated = object.metadata.name === undefined || object.metadata.name === ''
  for (let tries = 1; ; tries += 1) {
    const named = identified(parts, object)
    try {
      return await storeNamed(parts, named, write)
    } catch (error) {
      if (!isStorageError(error, 'key-exists')) throw error
      if (!isGenerated) throw await takenError(parts, named)
      if (tries === generatedNameTriesMax) throw nameNotGenerated(parts.resource, named.metadata.name ?? '')
    }
  }
}

function identified(parts: RegistryParts, object: KubeObject): KubeObject {
  const { name: sent } = object.metadata
  const name = sent === undefined || sent === '' ? drawnName(parts, object) : sent
  const born = { name, uid: parts.random.uuid(), creationTimestamp: formatTime(parts.clock.now()) }
  return { ...object, metadata: withMembers<ObjectMeta>({ name }, object.metadata, born) }
}

function drawnName(parts: RegistryParts, { metadata }: KubeObject): string {
  if (metadata.generateName === undefined || metadata.generateName === '') {
    const error = requiredField('metadata.name', 'name or generateName is required')
    throw invalid(parts.groupKind, '', [error])
  }
  return generatedName(metadata.generateName, () => parts.random.number())
}

async function takenError(parts: RegistryParts, named: KubeObject): Promise<Error> {
  const taken = await parts.storage.get(storeKey(parts.kind, keyOf({ object: named })))
  return taken === undefined ? alreadyExists(parts.resource, named.metadata.name ?? '') : takenBy(parts, taken.value)
}

function takenBy(parts: RegistryParts, { object }: Stored): Error {
  const refusal = object.metadata.deletionTimestamp === undefined ? alreadyExists : beingDeleted
  return refusal(parts.resource, object.metadata.name ?? '')
}

function keyOf({ object }: Stored): { namespace?: string; name: string } {
  const { namespace, name = '' } = object.metadata
  return { name, ...(namespace !== undefined && { namespace }) }
}

function admissionOf(
  parts: RegistryParts,
  write: { object: KubeObject; request: CreateRequest },
  settlement: Settlement,
): AdmissionRequest {
  const { object, request } = write
  return {
    operation: 'CREATE',
    kind: parts.kind,
    version: request.version,
    subresource: '',
    namespace: request.namespace,
    name: object.metadata.name ?? '',
    user: request.user,
    isDryRun: request.isDryRun,
    object,
    storedBytes: undefined,
    warn: request.warn,
    context: request.context ?? silentContext,
    decode: (value) => receiveObject(parts, value, request.version).object,
    settlement,
  }
}
