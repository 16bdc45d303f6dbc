import type { ApiClient } from '../../support/api-client.ts'
import { type AggregatedServer, serverUser } from '../../support/kube-cluster/aggregated-server.ts'
import type { AuditLog } from '../../support/kube-cluster/audit-log.ts'
import type { KubeCluster } from '../../support/kube-cluster/kube-cluster.ts'
import type { Kubectl } from '../../support/kubectl.ts'
import type { Relay } from '../../support/relay.ts'
import type { SyncLoad } from './sync-load.ts'

export interface Scene {
  readonly cluster: KubeCluster
  readonly audit: AuditLog
  readonly kubectl: Kubectl
  readonly api: ApiClient
  readonly load: SyncLoad
}

export interface Following extends Scene {
  readonly server: AggregatedServer
  readonly relay: Relay
  readonly kubeconfig: string
}

/** Of a process of its own: the audit log knows it by its certificate. */
export function kubeconfigOf({ cluster }: Scene, file: string, server = cluster.url): Promise<string> {
  return cluster.kubeconfigFor(serverUser, { file, server })
}

function argument(name: string, without: number): number {
  const index = process.argv.indexOf(`--${name}`)
  return index < 0 ? without : Number(process.argv[index + 1])
}

export const objectCount = argument('objects', 100)
export const outageMs = argument('outage', 3) * 1000
/** Looks at all objects: not more often than this. */
export const patient = { everyMs: 400, patienceMs: 30_000 + objectCount * 100 }
export const leaseMs = 4000
/** Whoever has much to do waits for its turn all the time. */
export const syncerQps = 80
const syncerBurst = 10
export const flags = [
  '--leader-elect-lease-duration=4s',
  '--leader-elect-renew-deadline=3s',
  '--leader-elect-retry-period=1s',
  '--leader-elect-resource-namespace=external-secrets',
  '--client-watch-silence=5s',
  '--client-timeout=5s',
  '--review-timeout=4s',
  `--client-qps=${syncerQps}`,
  `--client-burst=${syncerBurst}`,
]

/** By what it said last. */
export function isLeading({ log }: AggregatedServer): boolean {
  return log.lastIndexOf('"msg":"leading"') > log.lastIndexOf('"msg":"not leading any more"')
}
