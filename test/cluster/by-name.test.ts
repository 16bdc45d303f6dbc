import t from 'tap'
import {
  AggregatedServer,
  knows,
  kubectlOf,
  prepareCluster,
  serverUser,
} from '../support/kube-cluster/aggregated-server.ts'
import { clusterPeers, KubeCluster } from '../support/kube-cluster/kube-cluster.ts'
import { oneSync } from '../support/kube-cluster/one-sync.ts'
import type { Kubectl } from '../support/kubectl.ts'
import { skipWithout } from '../support/peers.ts'
import { until } from '../support/until.ts'

/** What a server does to Secrets that it may neither list nor watch. */
const skip = skipWithout(...clusterPeers, 'kubectl-v35')

const syncInto = (target: string): string => oneSync({ refreshPolicy: 'OnChange', target: `{name: ${target}}` })

/** The value goes to where only a template can say, in an object that the cluster adds defaults to. */
const toNetworkPolicy = `
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: policy, namespace: default}
spec:
  secretStoreRef: {name: fake, kind: SecretStore}
  refreshPolicy: OnChange
  target:
    manifest: {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy}
    template:
      templateFrom: [{target: spec.podSelector, literal: "matchLabels: {app: {{ .password }}}"}]
  data: [{secretKey: password, remoteRef: {key: /db}}]
`

/** As Kubernetes 1.34 and 1.35 have policies that mutate: of v1beta1 alone. */
const olderApiserver = [
  `--runtime-config=${[
    'admissionregistration.k8s.io/v1beta1=true',
    'admissionregistration.k8s.io/v1/mutatingadmissionpolicies=false',
    'admissionregistration.k8s.io/v1/mutatingadmissionpolicybindings=false',
  ].join(',')}`,
  '--disable-admission-plugins=MutatingAdmissionPolicy',
]

const betaPolicy = `
apiVersion: admissionregistration.k8s.io/v1beta1
kind: MutatingAdmissionPolicy
metadata: {name: labels}
spec:
  matchConstraints:
    resourceRules:
    - {operations: [CREATE, UPDATE], apiGroups: [external-secrets.io], apiVersions: [v1], resources: ['*']}
  reinvocationPolicy: Never
  mutations:
  - patchType: ApplyConfiguration
    applyConfiguration: {expression: "Object{metadata: Object.metadata{labels: {'policy': 'beta'}}}"}
---
apiVersion: admissionregistration.k8s.io/v1beta1
kind: MutatingAdmissionPolicyBinding
metadata: {name: labels}
spec: {policyName: labels}
`

async function passwordIn(kubectl: Kubectl, name: string): Promise<string | undefined> {
  const { code, stdout } = await kubectl.run(['get', 'secret', name, '-o', 'jsonpath={.data.password}'])
  return code === 0 ? Buffer.from(stdout, 'base64').toString() : undefined
}

t.test('a server that may not list or watch Secrets pours, repairs and cleans up by name', { skip }, async (t) => {
  await using cluster = await KubeCluster.start({ fsync: false, apiserverFlags: olderApiserver })
  await prepareCluster(cluster)
  using kubectl = kubectlOf(cluster)
  const flags = ['--drift-check-interval', '3s', '--unsafe-allow-generic-targets']
  {
    await using _ = await AggregatedServer.start(cluster, { flags })
    await cluster.served(['/apis/external-secrets.io/v1'])
    await knows(kubectl, 'externalsecrets')
    t.match(await kubectl.refused('auth', 'can-i', 'list', 'secrets', '--as', serverUser), /no/)

    await kubectl.ok('apply -f -', syncInto('first'))
    await until(async () => (await passwordIn(kubectl, 'first')) === 'hunter2')
    await kubectl.ok('wait --for=condition=Ready externalsecret/db --timeout=30s')

    await kubectl.ok('patch secret first --type=merge -p {"stringData":{"password":"changed"}}')
    await until(async () => (await passwordIn(kubectl, 'first')) === 'hunter2')
    await kubectl.ok('delete secret first')
    await until(async () => (await passwordIn(kubectl, 'first')) === 'hunter2')
  }
  // A new process knows nothing of what the last one wrote but what the status says.
  await using server = await AggregatedServer.start(cluster, { flags })
  await cluster.served(['/apis/external-secrets.io/v1/namespaces/default/externalsecrets/db'])
  await kubectl.ok('apply -f -', betaPolicy)
  await until(async () => {
    const { stdout } = await kubectl.run(['annotate', 'externalsecret', 'db', 'a=b', '--dry-run=server', '-o', 'json'])
    return stdout.includes('"policy": "beta"')
  })
  await kubectl.ok('apply -f -', syncInto('second'))
  await until(async () => (await passwordIn(kubectl, 'second')) === 'hunter2')
  await until(async () => (await passwordIn(kubectl, 'first')) === undefined)

  const selected = async (): Promise<string> =>
    (await kubectl.run(['get', 'networkpolicy', 'policy', '-o', 'jsonpath={.spec}'])).stdout
  await kubectl.ok('apply -f -', toNetworkPolicy)
  await kubectl.ok(`wait --for=jsonpath={.status.conditions[0].reason}=ResourceSyncedError externalsecret/policy`)
  await kubectl.ok('create role policies --verb=get,create,update,delete --resource=networkpolicies')
  await kubectl.ok(`create rolebinding policies --role=policies --user=${serverUser}`)
  await kubectl.ok('wait --for=condition=Ready externalsecret/policy --timeout=30s')
  t.match(JSON.parse(await selected()), { podSelector: { matchLabels: { app: 'hunter2' } }, policyTypes: ['Ingress'] })
  await kubectl.ok(
    'patch networkpolicy policy --type=merge -p {"spec":{"podSelector":{"matchLabels":{"app":"other"}}}}',
  )
  await until(async () => (await selected()).includes('hunter2'))

  await kubectl.ok(`create clusterrole watcher --verb=list,watch --resource=secrets`)
  await kubectl.ok(`create rolebinding watcher --clusterrole=watcher --user=${serverUser}`)
  await until(async () => {
    const { stdout } = await kubectl.run(['get', '--raw', '/metrics'])
    return /apiserver_longrunning_requests\{[^}]*resource="secrets"[^}]*scope="namespace"[^}]*\} [1-9]/.test(stdout)
  })
  await kubectl.ok('delete secret second')
  await until(async () => (await passwordIn(kubectl, 'second')) === 'hunter2')
  t.notMatch(server.log, /a pass failed/)
})
