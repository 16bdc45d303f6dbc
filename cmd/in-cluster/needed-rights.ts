import type { OwnAccess } from '../../cluster/reviews/self-subject-access-review.ts'
import { storeConfigMapName } from '../../cluster/store-identity/store-config-map.ts'
import type { Options } from '../options.ts'

/** What the roles of the manifests give, and the server cannot do without. */
export function neededRights(
  { leaderElectResourceName, leaderElectResourceNamespace }: Options,
  ownNamespace: string,
  apiServices: readonly string[],
): readonly OwnAccess[] {
  const lease = { ...leases, namespace: leaderElectResourceNamespace || ownNamespace }
  return [
    ...each('get list watch', { resource: 'namespaces' }),
    ...each('get create update delete', { resource: 'secrets' }),
    ...each('get', { resource: 'configmaps' }),
    ...each('get list watch', { resource: 'configmaps', namespace: 'kube-system', name: trustName }),
    ...each('create', { resource: 'configmaps', namespace: ownNamespace }),
    ...each('get update', { resource: 'configmaps', namespace: ownNamespace, name: storeConfigMapName }),
    ...each('create', { resource: 'events' }),
    ...each('create', { group: 'authentication.k8s.io', resource: 'tokenreviews' }),
    ...each('create', { group: 'authorization.k8s.io', resource: 'subjectaccessreviews' }),
    ...each('create', lease),
    ...each('get update', { ...lease, name: leaderElectResourceName }),
    ...apiServices.flatMap((name) => each('get list watch create patch delete', { ...registrations, name })),
  ]
}

function each(verbs: string, access: Omit<OwnAccess, 'verb'>): readonly OwnAccess[] {
  return verbs.split(' ').map((verb) => ({ ...access, verb }))
}

const leases = { group: 'coordination.k8s.io', resource: 'leases' }
const registrations = { group: 'apiregistration.k8s.io', resource: 'apiservices' }
const trustName = 'extension-apiserver-authentication'
