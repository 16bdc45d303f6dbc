import { defineKind } from '../../../apiserver/registry/kind.ts'
import { columns, selectableFields } from '../widget/columns.ts'
import { widgetV1 } from '../widget/v1.ts'

/** The sibling of Widget without a namespace, and with defaults that are stored. */
export const clusterWidget = defineKind({
  group: 'example.com',
  names: { kind: 'ClusterWidget', plural: 'clusterwidgets', shortNames: ['cwd'], categories: ['testing'] },
  scope: 'cluster',
  versions: { v1: { schema: widgetV1 } },
  storageVersion: 'v1',
  subresources: ['status'],
  defaults: 'stored',
  columns,
  selectableFields,
})
