import { defineKind } from '../../../../apiserver/registry/kind.ts'
import { messages } from '../../../../machinery/protobuf/fields.ts'
import { object } from '../../../../machinery/schema/builder.ts'
import { createdAtColumn } from '../created-at-column.ts'
import { checkRules, ruleMessage, rules } from '../rules.ts'

export const role = defineKind({
  group: 'rbac.authorization.k8s.io',
  names: { kind: 'Role', plural: 'roles' },
  scope: 'namespaced',
  versions: {
    v1: {
      schema: object('Role holds rules for one namespace.', { rules }),
      protobuf: { rules: messages(2, ruleMessage) },
    },
  },
  storageVersion: 'v1',
  defaults: 'stored',
  generation: 'none',
  nameRule: 'path-segment',
  columns: [createdAtColumn],
  strategicMergeKeys: {},
  validate: [{ name: 'rules', check: checkRules }],
})
