import { kinds } from '../../kinds/catalog.gen.ts'

/**
 * Every right that the manifests give, and to whom: one more is a decision that is made here too. Sorted as rendered.
 */
const server = 'ServiceAccount external-secrets/external-secrets-apiserver'
const api = 'ClusterRole external-secrets-apiserver-api'
const sync = 'ClusterRole external-secrets-apiserver-sync'
const leader = 'Role external-secrets/external-secrets-apiserver-leader'
const store = 'Role kube-system/external-secrets-apiserver-store'
const apiServices = ['v1', 'v1beta1', 'v1alpha1', 'v1alpha1.generators']
  .map((version) => `${version}.external-secrets.io`)
  .join(', ')
const read = 'get, list, watch'
const write = 'create, update, patch, delete, deletecollection'

const group = 'generators.external-secrets.io'
/** All but ClusterGenerators, and GeneratorStates, which the syncer alone writes and operators alone read. */
const generators = kinds
  .filter((kind) => kind.group === group && kind.scope === 'namespaced' && kind.names.kind !== 'GeneratorState')
  .map(({ names }) => names.plural)
  .sort()

/** Bindings to whoever synchronizes. */
function syncing(account: string): readonly string[] {
  return [
    `ClusterRoleBinding external-secrets-apiserver-sync: ${sync} to ${account}`,
    `RoleBinding external-secrets/external-secrets-apiserver-leader: ` +
      `Role external-secrets-apiserver-leader to ${account}`,
  ]
}

export const baseRights: readonly string[] = [
  `${api}: ${read} core/namespaces`,
  `${api}: get core/services`,
  `${api}: list, watch admissionregistration.k8s.io/mutatingwebhookconfigurations`,
  `${api}: list, watch admissionregistration.k8s.io/validatingwebhookconfigurations`,
  `${api}: list, watch admissionregistration.k8s.io/mutatingadmissionpolicies`,
  `${api}: list, watch admissionregistration.k8s.io/mutatingadmissionpolicybindings`,
  `${api}: list, watch admissionregistration.k8s.io/validatingadmissionpolicies`,
  `${api}: list, watch admissionregistration.k8s.io/validatingadmissionpolicybindings`,
  `${api}: get, list, watch, create, patch, delete apiregistration.k8s.io/apiservices named ${apiServices}`,

  // Neither list nor watch: either reads every Secret there is.
  `${sync}: get, create, update, patch, delete core/secrets`,
  `${sync}: get core/configmaps`,
  `${sync}: get core/serviceaccounts`,
  `${sync}: create core/serviceaccounts/token`,
  `${sync}: ${read} core/namespaces`,
  `${sync}: create, update, patch core/events`,
  `${sync}: update external-secrets.io/externalsecrets/finalizers`,
  `${sync}: create authorization.k8s.io/subjectaccessreviews`,

  `${leader}: create coordination.k8s.io/leases`,
  `${leader}: get, update, patch coordination.k8s.io/leases named external-secrets-syncer`,
  `${store}: get, create, update, patch core/configmaps named external-secrets-apiserver-store`,

  `ClusterRoleBinding external-secrets-apiserver-api: ${api} to ${server}`,
  `ClusterRoleBinding external-secrets-apiserver-auth-delegator: ClusterRole system:auth-delegator to ${server}`,
  ...syncing(server),
  `RoleBinding kube-system/external-secrets-apiserver-authentication-reader: ` +
    `Role extension-apiserver-authentication-reader to ${server}`,
  `RoleBinding kube-system/external-secrets-apiserver-store: Role external-secrets-apiserver-store to ${server}`,

  ...['view', 'edit', 'admin'].map((role) => `ClusterRole external-secrets-view: added to ${role}`),
  ...['edit', 'admin'].map((role) => `ClusterRole external-secrets-edit: added to ${role}`),
  `ClusterRole external-secrets-view: ${read} external-secrets.io/externalsecrets`,
  `ClusterRole external-secrets-view: ${read} external-secrets.io/secretstores`,
  `ClusterRole external-secrets-view: ${read} external-secrets.io/clustersecretstores`,
  'ClusterRole external-secrets-view: get external-secrets.io/externalsecrets/effective',
  ...[...generators, 'clustergenerators'].map((each) => `ClusterRole external-secrets-view: ${read} ${group}/${each}`),
  `ClusterRole external-secrets-edit: ${write} external-secrets.io/externalsecrets`,
  `ClusterRole external-secrets-edit: ${write} external-secrets.io/secretstores`,
  ...generators.map((each) => `ClusterRole external-secrets-edit: ${write}, use ${group}/${each}`),
  `ClusterRole external-secrets-edit: use external-secrets.io/secretstores`,
  ...['externalsecrets/preview', 'externalsecrets/refresh', 'secretstores/refresh', 'secretstores/test'].map(
    (each) => `ClusterRole external-secrets-edit: create external-secrets.io/${each}`,
  ),
]

const watching = 'external-secrets-apiserver-watch-secrets'

function watchingSecrets(account: string): readonly string[] {
  return [
    `ClusterRole ${watching}: list, watch core/secrets`,
    `ClusterRoleBinding ${watching}: ClusterRole ${watching} to ${account}`,
  ]
}

/** What the components add. */
export const componentRights: readonly string[] = [
  ...watchingSecrets(server),
  'ClusterRole external-secrets-apiserver-metrics: get /metrics',
]

const syncServer = `${server}-sync`
const objects = 'ClusterRole external-secrets-apiserver-sync-objects'
const certificate = 'Role external-secrets/external-secrets-apiserver-certificate'

/** With two processes: what the one loses, the other one has; and what each of them gets. */
export const twoProcessesRights: readonly string[] = [
  ...baseRights.filter((right) => !syncing(server).includes(right)),
  ...syncing(syncServer),
  ...watchingSecrets(syncServer),

  // Of all Secrets, the serving process may read one.
  `${certificate}: get core/secrets named external-secrets-apiserver-tls`,
  `RoleBinding external-secrets/external-secrets-apiserver-certificate: ` +
    `Role external-secrets-apiserver-certificate to ${server}`,

  `${objects}: ${read} external-secrets.io/externalsecrets`,
  `${objects}: ${read} external-secrets.io/secretstores`,
  `${objects}: ${read} external-secrets.io/clustersecretstores`,
  `${objects}: update external-secrets.io/externalsecrets`,
  ...['externalsecrets', 'secretstores', 'clustersecretstores'].map(
    (each) => `${objects}: update external-secrets.io/${each}/status`,
  ),
  `${objects}: create external-secrets.io/externalsecrets/usereview`,
  `${objects}: get ${group}/*`,
  `${objects}: list, watch, create, update, delete ${group}/generatorstates`,
  `ClusterRoleBinding external-secrets-apiserver-sync-objects: ${objects} to ${syncServer}`,
  'ClusterRoleBinding external-secrets-apiserver-sync-auth-delegator: ' +
    `ClusterRole system:auth-delegator to ${syncServer}`,
]
