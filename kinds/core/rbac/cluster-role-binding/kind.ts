import { defineKind } from '../../../../apiserver/registry/kind.ts'
import { object } from '../../../../machinery/schema/builder.ts'
import { bindingColumns, bindingMembers, bindingMessage, checkBinding, withApiGroups } from '../bindings.ts'

export const clusterRoleBinding = defineKind({
  group: 'rbac.authorization.k8s.io',
  names: { kind: 'ClusterRoleBinding', plural: 'clusterrolebindings' },
  scope: 'cluster',
  versions: {
    v1: {
      schema: object('ClusterRoleBinding gives a role to subjects, everywhere.', bindingMembers),
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
