import type { KubeObject } from '../../../machinery/object.ts'
import { generatorSchemas } from '../../../providers/generators/specs.ts'
import type { PolicyRule } from '../../../apiserver/authorization/rbac/rules.ts'

const ours = 'external-secrets.io'
const ownResources = ['externalsecrets', 'secretstores']
const generatorGroup = 'generators.external-secrets.io'
const generators = Object.keys(generatorSchemas).map((kind) => `${kind.toLowerCase()}s`)
const group = 'rbac.authorization.k8s.io'
const reading = ['get', 'list', 'watch']
const writing = ['create', 'delete', 'deletecollection', 'patch', 'update']

/** What a cluster has from the start, as far as there is something here for it to speak of. */
export const firstRoles: readonly KubeObject[] = [
  role('cluster-admin', [everything(), { nonResourceURLs: ['*'], verbs: ['*'] }]),
  role('system:discovery', [{ nonResourceURLs: discoveryPaths(), verbs: ['get'] }]),
  role('system:public-info-viewer', [{ nonResourceURLs: publicPaths(), verbs: ['get'] }]),
  role('system:basic-user', [
    rule('authorization.k8s.io', ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'], ['create']),
    rule('authentication.k8s.io', ['selfsubjectreviews'], ['create']),
  ]),
  role('system:auth-delegator', [
    rule('authentication.k8s.io', ['tokenreviews'], ['create']),
    rule('authorization.k8s.io', ['subjectaccessreviews'], ['create']),
  ]),
  gathering('admin', ['admin']),
  gathering('edit', ['edit'], 'admin'),
  gathering('view', ['view'], 'edit'),
  role('system:aggregate-to-admin', adminRules(), 'admin'),
  role('system:aggregate-to-edit', editRules(), 'edit'),
  role('system:aggregate-to-view', viewRules(), 'view'),
]

export const firstBindings: readonly KubeObject[] = [
  binding('cluster-admin', ['system:masters']),
  binding('system:discovery', ['system:authenticated']),
  binding('system:public-info-viewer', ['system:authenticated', 'system:unauthenticated']),
  binding('system:basic-user', ['system:authenticated']),
]

function viewRules(): readonly PolicyRule[] {
  return [
    rule('', ['configmaps', 'events', 'namespaces', 'serviceaccounts'], reading),
    rule('coordination.k8s.io', ['leases'], reading),
    rule(ours, [...ownResources, ...ownResources.map((name) => `${name}/status`)], reading),
    rule(ours, ['externalsecrets/effective'], ['get']),
    rule(generatorGroup, [...generators, 'clustergenerators'], reading),
  ]
}

/** To use the stores and generators of the namespace, never those of the cluster: whose those are is for it to say. */
function editRules(): readonly PolicyRule[] {
  return [
    rule('', ['secrets'], reading),
    rule('', ['serviceaccounts'], ['impersonate']),
    rule('', ['configmaps', 'events', 'secrets', 'serviceaccounts'], writing),
    rule('', ['serviceaccounts/token'], ['create']),
    rule('coordination.k8s.io', ['leases'], [...writing, ...reading]),
    rule(ours, ownResources, writing),
    rule(ours, ['secretstores'], ['use']),
    rule(generatorGroup, generators, [...writing, 'use']),
    rule(ours, ['externalsecrets/preview', 'externalsecrets/refresh'], ['create']),
    rule(ours, ['secretstores/refresh', 'secretstores/test'], ['create']),
  ]
}

function adminRules(): readonly PolicyRule[] {
  return [
    rule('authorization.k8s.io', ['localsubjectaccessreviews'], ['create']),
    rule(group, ['rolebindings', 'roles'], [...writing, ...reading]),
  ]
}

function everything(): PolicyRule {
  return { apiGroups: ['*'], resources: ['*'], verbs: ['*'] }
}

function rule(apiGroup: string, resources: readonly string[], verbs: readonly string[]): PolicyRule {
  return { apiGroups: [apiGroup], resources, verbs }
}

function publicPaths(): readonly string[] {
  return ['/healthz', '/livez', '/readyz', '/version', '/version/']
}

function discoveryPaths(): readonly string[] {
  return ['/api', '/api/*', '/apis', '/apis/*', '/openapi', '/openapi/*', ...publicPaths()]
}

function role(name: string, rules: readonly PolicyRule[], gatheredBy?: string): KubeObject {
  return { ...object('ClusterRole', name, gatheredBy), rules: rules }
}

function gathering(name: string, selected: readonly string[], gatheredBy?: string): KubeObject {
  const clusterRoleSelectors = selected.map((each) => ({ matchLabels: { [aggregateTo(each)]: 'true' } }))
  return { ...object('ClusterRole', name, gatheredBy), aggregationRule: { clusterRoleSelectors }, rules: [] }
}

function binding(roleName: string, groups: readonly string[]): KubeObject {
  return {
    ...object('ClusterRoleBinding', roleName),
    roleRef: { apiGroup: group, kind: 'ClusterRole', name: roleName },
    subjects: groups.map((name) => ({ apiGroup: group, kind: 'Group', name })),
  }
}

function object(kind: string, name: string, gatheredBy?: string): KubeObject {
  const labels = {
    'kubernetes.io/bootstrapping': 'rbac-defaults',
    ...(gatheredBy !== undefined && { [aggregateTo(gatheredBy)]: 'true' }),
  }
  const annotations = { 'rbac.authorization.kubernetes.io/autoupdate': 'true' }
  return { apiVersion: `${group}/v1`, kind, metadata: { name, labels, annotations } }
}

function aggregateTo(role: string): string {
  return `${group}/aggregate-to-${role}`
}
