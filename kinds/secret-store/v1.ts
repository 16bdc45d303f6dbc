import type { KubeObject } from '../../machinery/object.ts'
import { array, type Infer, integer, intOrString, object, required, string } from '../../machinery/schema/builder.ts'
import { condition } from '../shared/condition.ts'
import { labelSelector } from '../shared/label-selector.ts'
import { namespaceName } from '../shared/name-schemas.ts'
import { providerFields } from './provider-fields.ts'

export type SecretStore = KubeObject & {
  readonly spec: SecretStoreSpec
  readonly status?: SecretStoreStatus
}
export type SecretStoreSpec = Infer<typeof spec>
export type SecretStoreStatus = Infer<typeof status>

const namespaceCondition = object('One group of namespaces that may use the store; any group that matches is enough.', {
  namespaceRegexes: array('Regular expressions (RE2) that names may match.', string('One regular expression.')),
  namespaceSelector: labelSelector,
  namespaces: array('Names of namespaces.', namespaceName('One name.')),
})

const spec = object('Which provider, and how it is reached.', {
  conditions: array('Who may use a ClusterSecretStore; everybody when absent.', namespaceCondition),
  controller: string('The class of the controller that is to serve this store; all when absent.'),
  provider: required(
    object('The provider: exactly one.', providerFields('v1'), { minProperties: 1, maxProperties: 1 }),
  ),
  refreshInterval: intOrString('How often the store is validated anew: seconds, or a duration as in 5m.'),
  retrySettings: object('How calls to the provider are repeated.', {
    maxRetries: integer('How often.', { format: 'int32' }),
    retryInterval: string('How long to wait in between, as in 10s.'),
  }),
})

const status = object('Whether the store can be used.', {
  capabilities: string('ReadOnly, WriteOnly or ReadWrite.'),
  conditions: array('Observed facts, one of each type.', condition),
})

/** The storage version of SecretStore and of ClusterSecretStore, which say the same. */
export const secretStoreV1 = object('A way to a secret provider.', { spec, status })
