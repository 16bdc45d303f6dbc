import type { ApiClient } from '../../../test/support/api-client.ts'
import { AggregatedServer, prepareCluster } from '../../../test/support/kube-cluster/aggregated-server.ts'
import { clusterPeers, KubeCluster } from '../../../test/support/kube-cluster/kube-cluster.ts'
import { findPeer } from '../../../test/support/peers.ts'
import { until } from '../../../test/support/until.ts'
import type { Contender } from '../compare/contender.ts'
import { namespaceManifest, paths, storeManifest } from '../manifests.ts'

/** Our server as clients of a cluster reach it; `direct` leaves the aggregator out. */
export interface BehindAggregator extends Contender {
  readonly direct: ApiClient
}

/** Undefined where the programs of a control plane are missing. */
export async function startBehindAggregator(): Promise<BehindAggregator | undefined> {
  if (clusterPeers.map(findPeer).some((peer) => 'reason' in peer)) return undefined
  const cluster = await KubeCluster.start()
  await prepareCluster(cluster)
  const server = await AggregatedServer.start(cluster)
  const api = cluster.client()
  await api.post('/api/v1/namespaces', namespaceManifest())
  await until(async () => (await api.get(paths.stores)).status === 200)
  await api.post(paths.stores, storeManifest())
  // The administrator's certificate is good there, too: it is of the authority for clients.
  const direct = server.direct(await cluster.pki.client('admin', ['system:masters']))
  return {
    name: 'ours',
    api,
    direct,
    kubeconfig: cluster.kubeconfig,
    get pids() {
      return [...Object.values(cluster.pids), server.pid]
    },
    async [Symbol.asyncDispose]() {
      for (const client of [api, direct]) await client[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
      await cluster[Symbol.asyncDispose]()
    },
  }
}
