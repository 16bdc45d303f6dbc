import { SelectorError } from '../../../machinery/selector/errors.ts'
import { type FieldRequirement, parseFieldSelector } from '../../../machinery/selector/field.ts'
import { parseLabelSelector } from '../../../machinery/selector/label.ts'
import { badRequest } from '../../../machinery/status-errors.ts'
import type { Item, KeyRange } from '../../../storage/storage.ts'
import type { KindDeclaration } from '../kind.ts'
import type { RegistryParts } from '../registry-parts.ts'
import { kindRange, namespaceRange, objectNameOf, singleKeyRange, storeKey } from '../store-key.ts'
import type { Stored } from '../stored.ts'

export interface SelectionRequest {
  readonly namespace?: string
  /** Of the deprecated `watch/.../<name>` paths. */
  readonly name?: string
  readonly labelSelector?: string
  readonly fieldSelector?: string
}

/** Which objects of a kind a list, watch or deletecollection is about. */
export interface Selection {
  /** Absent: every namespace, or a cluster-scoped kind. */
  readonly namespace: string | undefined
  /** The part of the store to look at: all keys that can match. */
  readonly range: KeyRange
  /** Absent: everything in the range. */
  readonly matches?: (item: Item<Stored>) => boolean
  /** The same text for the same selection: a cache key. */
  readonly text: string
}

export function selectionOf(parts: RegistryParts, request: SelectionRequest): Selection {
  const fields = [...fieldsOf(request), ...nameField(request.name)]
  const matchers = [...labelMatchers(parts, request), ...fields.map((field) => fieldMatcher(parts, field))]
  const namespace = request.namespace ?? required(fields, 'metadata.namespace')
  return {
    namespace: request.namespace,
    range: rangeOf(parts.kind, namespace, required(fields, 'metadata.name')),
    ...(matchers.length > 0 && { matches: (item) => matchers.every((matches) => matches(item)) }),
    text: JSON.stringify([request.namespace, request.name, request.labelSelector, request.fieldSelector]),
  }
}

type Matcher = (item: Item<Stored>) => boolean

function labelMatchers({ selectorFacts }: RegistryParts, request: SelectionRequest): Matcher[] {
  if (request.labelSelector === undefined || request.labelSelector === '') return []
  const selector = refusing(() => parseLabelSelector(request.labelSelector ?? ''))
  return [({ value }) => selector.matches(selectorFacts.of(value).labels)]
}

function fieldsOf(request: SelectionRequest): readonly FieldRequirement[] {
  if (request.fieldSelector === undefined || request.fieldSelector === '') return []
  const fields = refusing(() => parseFieldSelector(request.fieldSelector ?? ''))
  const wanted = required(fields, 'metadata.name')
  if (request.name !== undefined && wanted !== undefined && wanted !== request.name) {
    throw badRequest("fieldSelector metadata.name doesn't match requested name")
  }
  return fields
}

function nameField(name: string | undefined): FieldRequirement[] {
  return name === undefined ? [] : [{ path: 'metadata.name', operator: '=', value: name }]
}

function fieldMatcher(parts: RegistryParts, field: FieldRequirement): Matcher {
  const valueOf = fieldValue(parts, field.path)
  const mustEqual = field.operator === '='
  return (item) => (valueOf(item) === field.value) === mustEqual
}

function fieldValue({ kind, selectorFacts }: RegistryParts, path: string): (item: Item<Stored>) => string {
  if (path === 'metadata.name') return ({ key }) => objectNameOf(kind, key).name
  if (path === 'metadata.namespace') return ({ key }) => objectNameOf(kind, key).namespace ?? ''
  const index = kind.selectableFields?.findIndex((field) => field.path === path) ?? -1
  if (index < 0) throw badRequest(`field label not supported: ${path}`)
  return ({ value }) => selectorFacts.of(value).fields[index] ?? ''
}

function required(fields: readonly FieldRequirement[], path: string): string | undefined {
  return fields.find((field) => field.path === path && field.operator === '=')?.value
}

function rangeOf(kind: KindDeclaration, namespace: string | undefined, name: string | undefined): KeyRange {
  if (kind.scope === 'cluster') return name === undefined ? kindRange(kind) : singleKeyRange(storeKey(kind, { name }))
  if (namespace === undefined) return kindRange(kind)
  if (name === undefined) return namespaceRange(kind, namespace)
  return singleKeyRange(storeKey(kind, { namespace, name }))
}

function refusing<T>(parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    if (error instanceof SelectorError) throw badRequest(error.message)
    throw error
  }
}
