import { defineKind } from '../../../apiserver/registry/kind.ts'
import type { KubeObject } from '../../../machinery/object.ts'
import { ageColumn } from '../../shared/age-column.ts'
import { namespaceMessage } from './message.ts'
import { type Namespace, namespaceV1 } from './v1.ts'

export const namespace = defineKind({
  group: '',
  names: { kind: 'Namespace', plural: 'namespaces', shortNames: ['ns'] },
  scope: 'cluster',
  versions: { v1: { schema: namespaceV1, protobuf: namespaceMessage } },
  storageVersion: 'v1',
  subresources: ['status'],
  defaults: 'stored',
  generation: 'none',
  nameRule: 'dns-label',
  columns: [
    { name: 'Status', type: 'string', description: 'Active or Terminating.', value: (object) => phaseOf(object) },
    ageColumn,
  ],
  selectableFields: [{ path: 'status.phase', value: (object) => phaseOf(object) ?? '' }],
  prepare,
  terminating: (object) => withPhase(object, 'Terminating'),
  strategicMergeKeys: { 'status.conditions': 'type' },
})

/** The finalizers of the spec change by the finalize subresource only, and a label says the name. */
function prepare(object: KubeObject, previous: KubeObject | undefined): KubeObject {
  const { metadata } = object
  const labels = { 'kubernetes.io/metadata.name': metadata.name ?? '', ...metadata.labels }
  const spec = previous === undefined ? { finalizers: ['kubernetes'] } : previous['spec']
  const prepared = { ...object, metadata: { ...metadata, labels }, spec }
  return previous === undefined ? withPhase(prepared, 'Active') : prepared
}

function withPhase(object: KubeObject, phase: 'Active' | 'Terminating'): KubeObject {
  return { ...object, status: { ...(object as Namespace).status, phase } }
}

function phaseOf(object: KubeObject): string | undefined {
  return (object as Namespace).status?.phase
}
