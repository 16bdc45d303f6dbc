import { defineKind } from '../../../../apiserver/registry/kind.ts'
import { object } from '../../../../machinery/schema/builder.ts'
import { bindingColumns, bindingMembers, bindingMessage, checkBinding, withApiGroups } from '../bindings.ts'

export const roleBinding = defineKind({
  group: 'rbac.authorization.k8s.io',
  names: { kind: 'RoleBinding', plural: 'rolebindings' },
  scope: 'namespaced',
  versions: {
    v1: {
      schema: object('RoleBinding gives a role to subjects, in one namespace.', bindingMembers),
      protobuf: bindingMessage,
    },
  },
  storageVersion: 'v1',
  defaults: 'stored',
  generation: 'none',
  nameRule: 'path-segment',
  columns: bindingColumns,
  decode: withApiGroups,
  strategicMergeKeys: {},
  validate: [{ name: 'binding', check: checkBinding }],
})
