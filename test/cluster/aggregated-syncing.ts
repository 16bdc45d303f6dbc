import type { Test } from 'tap'
import type { KubeCluster } from '../support/kube-cluster/kube-cluster.ts'
import { oneSync } from '../support/kube-cluster/one-sync.ts'
import type { Kubectl } from '../support/kubectl.ts'
import { until } from '../support/until.ts'

interface Parts {
  readonly cluster: KubeCluster
  readonly kubectl: Kubectl
}

const manifests = oneSync({ refreshPolicy: 'OnChange' })

/** A manifest goes in, a Secret of the cluster comes out. */
export async function syncedIntoTheCluster(t: Test, { cluster, kubectl }: Parts): Promise<void> {
  await t.test('a Secret appears, owned by its ExternalSecret', async (t) => {
    await kubectl.ok('apply -f -', manifests)
    const secret = ['get', 'secret', 'db', '-o', 'json']
    await until(async () => (await kubectl.run(secret)).code === 0, { everyMs: 50 })
    const { stdout } = await kubectl.run(secret)
    const { data: poured, metadata } = JSON.parse(stdout) as { data: object; metadata: object }
    t.same(poured, { password: Buffer.from('hunter2').toString('base64') })
    t.match(metadata, { ownerReferences: [{ kind: 'ExternalSecret', name: 'db' }] })
    await kubectl.ok('wait --for=condition=Ready externalsecret/db --timeout=30s')
  })

  await t.test('a store logs in with a token of a ServiceAccount that the cluster issues', async (t) => {
    await kubectl.ok('create serviceaccount reader')
    await kubectl.ok('create role reader --verb=get,list,watch --resource=secrets')
    await kubectl.ok('create rolebinding secrets --role=reader --serviceaccount=default:reader')
    await kubectl.ok('create secret generic origin --from-literal=key=from-afar')
    await kubectl.ok('apply -f -', copying(cluster))
    await kubectl.ok('wait --for=condition=Ready externalsecret/copy --timeout=30s')
    const { stdout } = await kubectl.run(['get', 'secret', 'copy', '-o', 'jsonpath={.data.key}'])
    t.equal(Buffer.from(stdout, 'base64').toString(), 'from-afar')
  })

  await t.test('nothing is created in a namespace that the cluster does not have', async (t) => {
    const lost = manifests.replaceAll('namespace: default', 'namespace: nowhere')
    const { code, stderr } = await kubectl.run(['create', '-f', '-'], { input: lost })
    t.equal(code, 1)
    t.match(stderr, /namespaces "nowhere" not found/)
  })
}

/** A Secret is read as the ServiceAccount `reader`, and copied. */
function copying({ url, pki }: KubeCluster): string {
  const caBundle = Buffer.from(pki.servingAuthority).toString('base64')
  return `
apiVersion: external-secrets.io/v1
kind: SecretStore
metadata: {name: own, namespace: default}
spec:
  provider:
    kubernetes:
      server: {url: "${url}", caBundle: "${caBundle}"}
      auth: {serviceAccount: {name: reader}}
---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: copy, namespace: default}
spec:
  secretStoreRef: {name: own, kind: SecretStore}
  refreshPolicy: OnChange
  data: [{secretKey: key, remoteRef: {key: origin, property: key}}]
`
}
