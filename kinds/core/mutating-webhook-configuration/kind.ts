import { defineKind } from '../../../apiserver/registry/kind.ts'
import { ageColumn } from '../../shared/age-column.ts'
import { group } from '../admission-parts.ts'
import { selectorsAt } from '../selectors.ts'
import { timeouts } from '../webhook-schema.ts'
import { mutatingWebhookConfigurationV1 } from './v1.ts'

export const mutatingWebhookConfiguration = defineKind({
  group,
  names: {
    kind: 'MutatingWebhookConfiguration',
    plural: 'mutatingwebhookconfigurations',
    categories: ['api-extensions'],
  },
  scope: 'cluster',
  versions: { v1: { schema: mutatingWebhookConfigurationV1 } },
  storageVersion: 'v1',
  defaults: 'stored',
  columns: [ageColumn],
  strategicMergeKeys: { webhooks: 'name' },
  validate: [timeouts, selectorsAt('webhooks.*.namespaceSelector', 'webhooks.*.objectSelector')],
})
