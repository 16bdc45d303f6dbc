import { defineKind, type ValidationResult } from '../../../../apiserver/registry/kind.ts'
import { requiredField } from '../../../../machinery/field-error.ts'
import type { KubeObject } from '../../../../machinery/object.ts'
import { message, messages, text, textMap, texts } from '../../../../machinery/protobuf/fields.ts'
import { array, type Infer, nullable, object } from '../../../../machinery/schema/builder.ts'
import { labelSelector } from '../../../shared/label-selector.ts'
import { selectorsAt } from '../../selectors.ts'
import { createdAtColumn } from '../created-at-column.ts'
import { checkRules, ruleMessage, rules } from '../rules.ts'

const aggregationRule = object('Where the rules come from; they are kept up to date by the server.', {
  clusterRoleSelectors: array('ClusterRoles that one of these selects give their rules.', labelSelector, {
    'x-kubernetes-list-type': 'atomic',
  }),
})

const selectorMessage = {
  matchLabels: textMap(1),
  matchExpressions: messages(2, { key: text(1), operator: text(2), values: texts(3) }),
}

export const clusterRole = defineKind({
  group: 'rbac.authorization.k8s.io',
  names: { kind: 'ClusterRole', plural: 'clusterroles' },
  scope: 'cluster',
  versions: {
    v1: {
      schema: object('ClusterRole holds rules for the cluster, or for whichever namespace it is bound in.', {
        aggregationRule: nullable(aggregationRule),
        rules,
      }),
      protobuf: {
        rules: messages(2, ruleMessage),
        aggregationRule: message(3, { clusterRoleSelectors: messages(1, selectorMessage) }),
      },
    },
  },
  storageVersion: 'v1',
  defaults: 'stored',
  generation: 'none',
  nameRule: 'path-segment',
  columns: [createdAtColumn],
  strategicMergeKeys: {},
  validate: [
    { name: 'rules', check: checkRules },
    { name: 'aggregation-rule', check: checkAggregation },
    selectorsAt('aggregationRule.clusterRoleSelectors.*'),
  ],
})

function checkAggregation(object: KubeObject): ValidationResult {
  const { aggregationRule: rule } = object as { aggregationRule?: Infer<typeof aggregationRule> | null }
  const isEmpty = rule !== undefined && rule !== null && (rule.clusterRoleSelectors ?? []).length === 0
  const text = 'at least one clusterRoleSelector required if aggregationRule is non-nil'
  return { errors: isEmpty ? [requiredField('aggregationRule.clusterRoleSelectors', text)] : [] }
}
