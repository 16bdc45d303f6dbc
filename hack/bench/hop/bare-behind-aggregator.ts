import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { leadTo, prepareCluster, serverNamespace } from '../../../test/support/kube-cluster/aggregated-server.ts'
import { KubeCluster } from '../../../test/support/kube-cluster/kube-cluster.ts'
import type { Contender } from '../compare/contender.ts'
import { namespaceManifest, paths } from '../manifests.ts'

/** A bare Node server where ours stands, behind a kube-apiserver of its own: the same paths lead to it. */
export async function startBareBehindAggregator(): Promise<Contender> {
  const cluster = await KubeCluster.start()
  await prepareCluster(cluster)
  const { child, port } = await bareServer(cluster)
  await leadTo(cluster, port)
  await cluster.apply([apiService])
  const api = cluster.client()
  await api.post('/api/v1/namespaces', namespaceManifest())
  await cluster.served([paths.externalSecrets])
  return {
    name: 'bare',
    api,
    kubeconfig: cluster.kubeconfig,
    get pids() {
      return [...Object.values(cluster.pids), child.pid ?? 0]
    },
    async [Symbol.asyncDispose]() {
      await api[Symbol.asyncDispose]()
      child.kill()
      await cluster[Symbol.asyncDispose]()
    },
  }
}

async function bareServer({ pki }: KubeCluster): Promise<{ readonly child: ChildProcess; readonly port: number }> {
  const words = [join(import.meta.dirname, 'bare-server.js'), pki.path('apiserver.crt'), pki.path('apiserver.key')]
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] })
  const [port] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  return { child, port: Number(port) }
}

const apiService = {
  apiVersion: 'apiregistration.k8s.io/v1',
  kind: 'APIService',
  metadata: { name: 'v1.external-secrets.io' },
  spec: {
    group: 'external-secrets.io',
    version: 'v1',
    groupPriorityMinimum: 1000,
    versionPriority: 15,
    insecureSkipTLSVerify: true,
    service: { name: 'external-secrets-apiserver', namespace: serverNamespace, port: 443 },
  },
}
