import type { OwnAccess } from '../../cluster/reviews/self-subject-access-review.ts'
import { storeConfigMapName } from '../../cluster/store-identity/store-config-map.ts'
import type { Options } from '../options.ts'
import { admissionGroup } from '../parts/admission/admission-checks.ts'
import { twoProcesses } from '../two-processes/names.ts'

/** What the roles of the manifests give, and the process cannot do without. */
export async function neededRights(options: Options, apiServices: readonly string[]): Promise<readonly OwnAccess[]> {
  const { certificate } = await twoProcesses(options)
  const { namespace } = certificate
  switch (options.serve) {
    case 'all':
      return [...toServe(options, apiServices), ...toSync(options, namespace)]
    case 'api':
      return [...toServe(options, apiServices), ...each('get', { resource: 'secrets', ...certificate })]
    case 'sync':
      return [...toSync(options, namespace), ...toSyncApart]
  }
}

function toServe({ storeIdentityNamespace: namespace }: Options, apiServices: readonly string[]): readonly OwnAccess[] {
  const storePage = { resource: 'configmaps', namespace, name: storeConfigMapName }
  return [
    ...each('get list watch', { resource: 'namespaces' }),
    ...each('get list watch', { resource: 'configmaps', namespace: 'kube-system', name: trustName }),
    ...each('get create update patch', storePage),
    ...each('create', tokenReviews),
    ...each('create', { group: 'authorization.k8s.io', resource: 'subjectaccessreviews' }),
    // Without them every write is refused: what a webhook or a policy says is not known.
    ...configurations.flatMap((resource) => each('list watch', { group: admissionGroup, resource })),
    ...each('get', { resource: 'services' }),
    ...apiServices.flatMap((name) => each('get list watch create patch delete', { ...registrations, name })),
  ]
}

function toSync(
  { leaderElectResourceName, leaderElectResourceNamespace }: Options,
  namespace: string,
): readonly OwnAccess[] {
  const lease = { ...leases, namespace: leaderElectResourceNamespace || namespace }
  return [
    ...each('get create update delete', { resource: 'secrets' }),
    ...each('get', { resource: 'configmaps' }),
    ...each('create', { resource: 'events' }),
    ...each('create', lease),
    ...each('get update', { ...lease, name: leaderElectResourceName }),
  ]
}

const configurations = ['mutating', 'validating'].flatMap((sort) => [
  `${sort}webhookconfigurations`,
  `${sort}admissionpolicies`,
  `${sort}admissionpolicybindings`,
])
const tokenReviews = { group: 'authentication.k8s.io', resource: 'tokenreviews' }
const group = 'external-secrets.io'
const resources = ['externalsecrets', 'secretstores', 'clustersecretstores']

/** Of objects that another process serves; and whether the cluster itself accepts a token. */
const toSyncApart = [
  ...each('create', tokenReviews),
  ...each('get list watch', { resource: 'namespaces' }),
  ...resources.flatMap((resource) => each('get list watch', { group, resource })),
  ...resources.flatMap((resource) => each('update', { group, resource, subresource: 'status' })),
  ...each('update', { group, resource: 'externalsecrets' }),
  ...each('create', { group, resource: 'externalsecrets', subresource: 'usereview' }),
  ...each('get list watch create update delete', { group: `generators.${group}`, resource: 'generatorstates' }),
]

function each(verbs: string, access: Omit<OwnAccess, 'verb'>): readonly OwnAccess[] {
  return verbs.split(' ').map((verb) => ({ ...access, verb }))
}

const leases = { group: 'coordination.k8s.io', resource: 'leases' }
const registrations = { group: 'apiregistration.k8s.io', resource: 'apiservices' }
const trustName = 'extension-apiserver-authentication'
