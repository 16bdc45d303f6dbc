import { serveAsCustomResource } from '../../../test/conformance/custom-resources.ts'
import { externalSecret } from '../../../kinds/external-secret/kind.ts'
import type { KindDeclaration } from '../../../apiserver/registry/kind.ts'
import type { ApiClient } from '../../../test/support/api-client.ts'
import { clusterPeers, KubeCluster } from '../../../test/support/kube-cluster/kube-cluster.ts'
import { findPeer } from '../../../test/support/peers.ts'
import { ServerProcess } from '../../../test/support/server-process.ts'
import { namespaceManifest, paths, storeManifest } from '../manifests.ts'

/** A server of ExternalSecrets: ours, the real peer with them as custom resources, or a bare one that only answers. */
export interface Contender extends AsyncDisposable {
  readonly name: 'ours' | 'peer' | 'bare'
  readonly api: ApiClient
  readonly kubeconfig: string
  /** Of every process that a request makes work. */
  readonly pids: readonly number[]
}

export interface Restartable extends Contender {
  /** Ends the server in the ordinary way; answers what then passes from its start to its first list, in ms. */
  restart(): Promise<number>
}

/** A standalone server that does nothing by itself: the store of the ExternalSecrets belongs to somebody else. */
export async function startOurs(): Promise<Restartable> {
  const first = await ServerProcess.start()
  let server = first
  let api = server.client()
  await api.post('/api/v1/namespaces', namespaceManifest())
  await api.post(paths.stores, storeManifest())
  const stop = async (): Promise<void> => {
    await api[Symbol.asyncDispose]()
    await server.kill('SIGTERM')
  }
  return {
    name: 'ours',
    get api() {
      return api
    },
    get kubeconfig() {
      return server.kubeconfig
    },
    get pids() {
      return [server.pid]
    },
    async restart() {
      await stop()
      const start = performance.now()
      server = await ServerProcess.start([], { dataDir: first.dataDir })
      api = server.client()
      await api.get(`${paths.externalSecrets}?limit=1`)
      return performance.now() - start
    },
    async [Symbol.asyncDispose]() {
      await stop()
      await first[Symbol.asyncDispose]()
    },
  }
}

/** kube-apiserver over etcd that writes through to the disk, as ours does; undefined where the programs are missing. */
export async function startPeer(): Promise<Restartable | undefined> {
  const missing = clusterPeers.map(findPeer).find((peer) => 'reason' in peer)
  if (missing !== undefined) return undefined
  const cluster = await KubeCluster.start()
  await serveAsCustomResource(cluster, { kind: onlyV1(externalSecret), jsonPaths: columnPaths })
  const api = cluster.client()
  await api.post('/api/v1/namespaces', namespaceManifest())
  return {
    name: 'peer',
    api,
    kubeconfig: cluster.kubeconfig,
    get pids() {
      return Object.values(cluster.pids)
    },
    restart: () => restarted(cluster),
    async [Symbol.asyncDispose]() {
      await api[Symbol.asyncDispose]()
      await cluster[Symbol.asyncDispose]()
    },
  }
}

const columnPaths = {
  StoreType: '.spec.secretStoreRef.kind',
  Store: '.spec.secretStoreRef.name',
  'Refresh Interval': '.spec.refreshInterval',
  Status: '.status.conditions[?(@.type=="Ready")].reason',
  Ready: '.status.conditions[?(@.type=="Ready")].status',
  'Last Sync': '.status.refreshTime',
}

function onlyV1(kind: KindDeclaration): KindDeclaration {
  return { ...kind, versions: Object.fromEntries(Object.entries(kind.versions).filter(([name]) => name === 'v1')) }
}

async function restarted(cluster: KubeCluster): Promise<number> {
  await cluster.stop()
  const start = performance.now()
  await cluster.resume([`${paths.externalSecrets}?limit=1`])
  return performance.now() - start
}
