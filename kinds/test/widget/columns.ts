import type { Column, SelectableField } from '../../../apiserver/registry/kind.ts'
import type { KubeObject } from '../../../machinery/object.ts'
import { ageColumn } from '../../shared/age-column.ts'
import type { Widget } from './v1.ts'

export const columns: readonly Column[] = [
  { name: 'Size', type: 'integer', description: 'How large the widget is.', value: (object) => specOf(object).size },
  {
    name: 'Phase',
    type: 'string',
    description: 'In which state the widget is.',
    value: (object) => widgetOf(object).status?.phase,
  },
  {
    name: 'Mode',
    type: 'string',
    description: 'How the widget works.',
    priority: 1,
    value: (object) => specOf(object).mode,
  },
  ageColumn,
]

export const selectableFields: readonly SelectableField[] = [
  { path: 'spec.owner', value: (object) => specOf(object).owner ?? '' },
]

function widgetOf(object: KubeObject): KubeObject & Widget {
  return object
}

function specOf(object: KubeObject): NonNullable<Widget['spec']> {
  return widgetOf(object).spec ?? {}
}
