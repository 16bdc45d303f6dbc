import { defineKind } from '../../../apiserver/registry/kind.ts'
import { columns, selectableFields } from './columns.ts'
import { widgetV1 } from './v1.ts'
import { v1beta1Conversion, widgetV1beta1 } from './v1beta1.ts'

/** A namespaced kind that means nothing: conformance tests use it, a flag serves it. */
export const widget = defineKind({
  group: 'example.com',
  names: { kind: 'Widget', plural: 'widgets', shortNames: ['wd'], categories: ['testing'] },
  scope: 'namespaced',
  versions: { v1: { schema: widgetV1 }, v1beta1: { schema: widgetV1beta1, conversion: v1beta1Conversion } },
  storageVersion: 'v1',
  subresources: ['status', 'effective'],
  defaults: 'virtual',
  columns,
  selectableFields,
})
