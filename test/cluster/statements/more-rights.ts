import { serverUser } from '../../support/kube-cluster/aggregated-server.ts'
import type { Manifest } from '../../support/kube-cluster/manifests.ts'

const rbac = 'rbac.authorization.k8s.io/v1'
const name = 'external-secrets-server-tests'

/** What a server with the test kinds needs beside the rights that every one has. */
export const moreRights: readonly (Manifest & Readonly<Record<string, unknown>>)[] = [
  {
    apiVersion: rbac,
    kind: 'ClusterRole',
    metadata: { name },
    rules: [
      {
        apiGroups: ['apiregistration.k8s.io'],
        resources: ['apiservices'],
        resourceNames: ['v1.example.com', 'v1beta1.example.com'],
        verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'],
      },
      { apiGroups: [''], resources: ['serviceaccounts/token'], verbs: ['create'] },
    ],
  },
  {
    apiVersion: rbac,
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    subjects: [{ kind: 'User', name: serverUser, apiGroup: 'rbac.authorization.k8s.io' }],
  },
]
