import type { Column, SelectableField } from '../../apiserver/registry/kind.ts'
import type { KubeObject } from '../../machinery/object.ts'

interface WithConditions {
  readonly status?: { readonly conditions?: readonly ReadyCondition[] }
}

interface ReadyCondition {
  readonly type: string
  readonly status: string
  readonly reason?: string
}

export const statusColumn: Column = {
  name: 'Status',
  type: 'string',
  description: 'Why the object is ready, or is not.',
  value: (object) => readyCondition(object)?.reason,
}

export const readyColumn: Column = {
  name: 'Ready',
  type: 'string',
  description: 'Whether the object is ready.',
  value: (object) => readyCondition(object)?.status,
}

/**
 * What the Ready condition says, empty before anybody judged the object. The paths name the item of the list by its
 * type: `--field-selector status.conditions.Ready.status!=True`.
 */
export const readyFields: readonly SelectableField[] = [
  { path: 'status.conditions.Ready.status', value: (object) => readyCondition(object)?.status ?? '' },
  { path: 'status.conditions.Ready.reason', value: (object) => readyCondition(object)?.reason ?? '' },
]

function readyCondition(object: KubeObject): ReadyCondition | undefined {
  return (object as KubeObject & WithConditions).status?.conditions?.find(({ type }) => type === 'Ready')
}
