import type { FieldError } from './field-error.ts'
import { forbiddenField, invalidField, requiredField, tooLong } from './field-error.ts'
import { parseApiVersion } from './group-version.ts'
import { jsonEqual } from './json/equal.ts'
import type { NameProblems } from './names.ts'
import {
  dnsLabelProblems,
  dnsSubdomainProblems,
  labelValueProblems,
  pathSegmentProblems,
  qualifiedNameProblems,
} from './names.ts'
import type { ManagedFieldsEntry, ObjectMeta, OwnerReference } from './object.ts'

export interface MetadataRules {
  readonly scope: 'namespaced' | 'cluster'
  readonly nameRule: NameRule
}

export type NameRule = 'dns-subdomain' | 'dns-label' | 'path-segment'

/** What a new object's metadata breaks, its name already generated (apimachinery ValidateObjectMeta). */
export function validateMetadata(meta: ObjectMeta, rules: MetadataRules): FieldError[] {
  const found = new Findings()
  nameErrors(found, meta, rules.nameRule)
  namespaceErrors(found, meta.namespace ?? '', rules.scope)
  shapeErrors(found, meta)
  return found.errors
}

/** What may not change, and what must hold of the new state (apimachinery ValidateObjectMetaUpdate). */
export function validateMetadataUpdate(next: ObjectMeta, previous: ObjectMeta): FieldError[] {
  const found = new Findings()
  shapeErrors(found, next)
  return [...newFinalizerErrors(next, previous), ...immutableErrors(next, previous), ...found.errors]
}

/** `?fieldManager=` and the managers in managedFields. */
export function fieldManagerErrors(manager: string, field: string): FieldError[] {
  if (Buffer.byteLength(manager) > managerBytesMax) return [tooLong(field, managerBytesMax)]
  const bad = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.exec(manager)
  return bad === null ? [] : [invalidField(field, manager, `should only contain printable characters`)]
}

const managerBytesMax = 128
const subresourceBytesMax = 256
const annotationsBytesMax = 256 * 1024

const nameProblems: Readonly<Record<NameRule, (name: string) => NameProblems>> = {
  'dns-subdomain': dnsSubdomainProblems,
  'dns-label': dnsLabelProblems,
  'path-segment': pathSegmentProblems,
}

/** Metadata is judged on every write, and is nearly always good: what is wrong is added where it is found. */
class Findings {
  readonly errors: FieldError[] = []

  add(field: string, value: string, problems: NameProblems): void {
    for (const text of problems) this.errors.push(invalidField(field, value, text))
  }
}

function nameErrors(found: Findings, meta: ObjectMeta, rule: NameRule): void {
  const problemsOf = nameProblems[rule]
  // A prefix may end in a dash: it is judged with a letter in the place of what follows.
  const { generateName = '', name = '' } = meta
  const prefix = generateName.replace(/-$/, 'a')
  if (prefix !== '') found.add('metadata.generateName', generateName, problemsOf(prefix))
  if (name === '') found.errors.push(requiredField('metadata.name', 'name or generateName is required'))
  else found.add('metadata.name', name, problemsOf(name))
}

function namespaceErrors(found: Findings, namespace: string, scope: 'namespaced' | 'cluster'): void {
  const field = 'metadata.namespace'
  if (scope === 'namespaced' && namespace !== '') found.add(field, namespace, dnsLabelProblems(namespace))
  else if (scope === 'namespaced') found.errors.push(requiredField(field))
  else if (namespace !== '') found.errors.push(forbiddenField(field, 'not allowed on this type'))
}

function shapeErrors(found: Findings, meta: ObjectMeta): void {
  if (meta.labels !== undefined) addLabelErrors(found, meta.labels, 'metadata.labels')
  if (meta.annotations !== undefined) annotationErrors(found, meta.annotations)
  if (meta.ownerReferences !== undefined) found.errors.push(...ownerErrors(meta.ownerReferences))
  if (meta.finalizers !== undefined) found.errors.push(...finalizerErrors(meta.finalizers))
  meta.managedFields?.forEach((entry, index) => managedFieldsErrors(found, entry, index))
}

export function labelErrors(labels: Readonly<Record<string, string>>, field: string): FieldError[] {
  const found = new Findings()
  addLabelErrors(found, labels, field)
  return found.errors
}

function addLabelErrors(found: Findings, labels: Readonly<Record<string, string>>, field: string): void {
  for (const [key, value] of Object.entries(labels)) {
    found.add(field, key, qualifiedNameProblems(key))
    found.add(field, value, labelValueProblems(value))
  }
}

function annotationErrors(found: Findings, annotations: Readonly<Record<string, string>>): void {
  let bytes = 0
  for (const [key, value] of Object.entries(annotations)) {
    found.add('metadata.annotations', key, qualifiedNameProblems(key.toLowerCase()))
    bytes += Buffer.byteLength(key) + Buffer.byteLength(value)
  }
  if (bytes > annotationsBytesMax) found.errors.push(tooLong('metadata.annotations', annotationsBytesMax))
}

function ownerErrors(owners: readonly OwnerReference[]): FieldError[] {
  const errors = owners.flatMap(ownerReferenceErrors)
  const controllers = owners.filter((owner) => owner.controller === true)
  const [first] = controllers
  for (const other of controllers.slice(1)) {
    const found = `references for ${first?.kind}/${first?.name} and ${other.kind}/${other.name}`
    const text = `Only one reference can have Controller set to true. Found "true" in ${found}`
    errors.push(invalidField('metadata.ownerReferences', owners, text))
  }
  return errors
}

/** kube-apiserver names no index here. */
function ownerReferenceErrors(owner: OwnerReference): FieldError[] {
  const field = 'metadata.ownerReferences'
  const errors: FieldError[] = []
  const version = parseApiVersion(owner.apiVersion ?? '')
  if (version === undefined)
    errors.push(invalidField(`${field}.apiVersion`, owner.apiVersion ?? '', 'version must not be empty'))
  for (const member of ['kind', 'name', 'uid'] as const) {
    if (!owner[member]) errors.push(invalidField(`${field}.${member}`, '', 'must not be empty'))
  }
  if (owner.apiVersion === 'v1' && owner.kind === 'Event') {
    errors.push(invalidField(field, owner, '/v1, Kind=Event is disallowed from being an owner'))
  }
  return errors
}

function finalizerErrors(finalizers: readonly string[]): FieldError[] {
  const field = 'metadata.finalizers'
  const errors = finalizers.flatMap((name) =>
    qualifiedNameProblems(name).map((text) => invalidField(field, name, text)),
  )
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    errors.push(invalidField(field, finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'))
  }
  return errors
}

function managedFieldsErrors({ errors }: Findings, entry: ManagedFieldsEntry, index: number): void {
  const field = `metadata.managedFields[${index}]`
  if (entry.operation !== 'Apply' && entry.operation !== 'Update') {
    errors.push(invalidField(`${field}.operation`, entry.operation ?? '', 'must be `Apply` or `Update`'))
  }
  if (entry.fieldsType && entry.fieldsType !== 'FieldsV1') {
    errors.push(invalidField(`${field}.fieldsType`, entry.fieldsType, 'must be `FieldsV1`'))
  }
  errors.push(...fieldManagerErrors(entry.manager ?? '', `${field}.manager`))
  if ((entry.subresource ?? '').length > subresourceBytesMax) {
    errors.push(tooLong(`${field}.subresource`, subresourceBytesMax))
  }
}

function newFinalizerErrors(next: ObjectMeta, previous: ObjectMeta): FieldError[] {
  if (previous.deletionTimestamp === undefined) return []
  const known = new Set(previous.finalizers)
  const added = [...new Set(next.finalizers)].filter((name) => !known.has(name)).sort()
  if (added.length === 0) return []
  const list = `[]string{${added.map((name) => JSON.stringify(name)).join(', ')}}`
  const text = `no new finalizers can be added if the object is being deleted, found new finalizers ${list}`
  return [forbiddenField('metadata.finalizers', text)]
}

const immutableMembers = [
  'name',
  'namespace',
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
] as const

/** The registry carries over what a client may leave out; what differs then was sent. */
function immutableErrors(next: ObjectMeta, previous: ObjectMeta): FieldError[] {
  return immutableMembers
    .filter((member) => !jsonEqual(next[member] ?? null, previous[member] ?? null))
    .map((member) => invalidField(`metadata.${member}`, next[member] ?? null, 'field is immutable'))
}
