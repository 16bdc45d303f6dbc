import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { decodeYaml } from '../../../machinery/yaml.ts'
import type { ApiClient } from '../../../test/support/api-client.ts'
import { ClusterProcess } from '../../../test/support/kube-cluster/cluster-process.ts'
import { clusterPeers, KubeCluster } from '../../../test/support/kube-cluster/kube-cluster.ts'
import { findPeer, peerPath } from '../../../test/support/peers.ts'
import { expect } from '../expect.ts'
import type { ProviderProxy } from './provider-proxy.ts'
import { giveStore, type Synchronizer } from './synchronizer.ts'

export interface ExternalSecretsOptions {
  readonly objects: number
  /** Of the controller; without any it runs as it comes. */
  readonly flags: readonly string[]
  readonly proxy: ProviderProxy
}

const program = 'external-secrets'

/** Why it cannot be measured here; undefined where it can. */
export function externalSecretsMissing(): string | undefined {
  for (const name of [...clusterPeers, program] as const) {
    const peer = findPeer(name)
    if ('reason' in peer) return peer.reason
  }
  return undefined
}

/**
 * External Secrets Operator, the whole program, beside a kube-apiserver over etcd that has its CRDs and nothing else to
 * do. It may do everything there, so that no right is looked up for it.
 */
export async function startExternalSecrets({ objects, flags, proxy }: ExternalSecretsOptions): Promise<Synchronizer> {
  const cluster = await KubeCluster.start()
  const api = cluster.client()
  await createResources(cluster, api)
  let controller: ClusterProcess | undefined
  return {
    name: 'ESO',
    api,
    get pids() {
      return [...Object.values(cluster.pids), controller?.pid ?? 0]
    },
    get controllerPid() {
      return controller?.pid ?? 0
    },
    objects,
    // All at once, since each waits behind all that are due: a minute and a half with a thousand objects.
    newcomers: { count: 40, clients: 40 },
    forced: { count: Math.min(20, objects), clients: 20 },
    sharesReads: false,
    askEveryMs: 500,
    async begin() {
      await giveStore(api)
      controller = startController(cluster, flags)
    },
    expectRunning: () => controller?.expectRunning(),
    // Each refresh reads its value for itself. Its own counter has the looks in it that led to nothing.
    refreshes: () => Promise.resolve(proxy.valueReads),
    async [Symbol.asyncDispose]() {
      await controller?.[Symbol.asyncDispose]()
      await api[Symbol.asyncDispose]()
      await cluster[Symbol.asyncDispose]()
    },
  }
}

interface Resource {
  readonly spec: {
    readonly group: string
    readonly names: { readonly plural: string }
    readonly versions: readonly [{ readonly name: string }]
  }
}

async function createResources(cluster: KubeCluster, api: ApiClient): Promise<void> {
  const folder = join(dirname(peerPath(program)), 'crds')
  const served: string[] = []
  for (const file of readdirSync(folder).filter((name) => name.includes('external-secrets.io_'))) {
    const resource = decodeYaml(readFileSync(join(folder, file), 'utf8')) as unknown as Resource
    expect((await api.post('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', resource)).status, 201)
    const { group, names, versions } = resource.spec
    served.push(`/apis/${group}/${versions[0].name}/${names.plural}`)
  }
  await cluster.served(served)
}

function startController(cluster: KubeCluster, flags: readonly string[]): ClusterProcess {
  return ClusterProcess.start(peerPath(program), {
    name: program,
    logFile: join(cluster.folder, `${program}.log`),
    flags: ['--metrics-addr=0', ...flags],
    env: { KUBECONFIG: cluster.kubeconfig },
  })
}
