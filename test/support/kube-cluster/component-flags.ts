import type { ClusterPki } from './cluster-pki.ts'

/** Where the programs of one cluster listen, all on loopback. */
export interface ClusterPorts {
  readonly etcd: number
  readonly etcdPeer: number
  readonly apiserver: number
  readonly controllerManager: number
}

export function etcdFlags(dataDir: string, ports: ClusterPorts): readonly string[] {
  const client = `http://127.0.0.1:${ports.etcd}`
  const peer = `http://127.0.0.1:${ports.etcdPeer}`
  return [
    '--name=test',
    `--data-dir=${dataDir}`,
    '--log-level=warn',
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=test=${peer}`,
  ]
}

export function apiserverFlags(pki: ClusterPki, ports: ClusterPorts): readonly string[] {
  return [
    `--etcd-servers=http://127.0.0.1:${ports.etcd}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${ports.apiserver}`,
    // Endpoints may not be loopback addresses: the Service "kubernetes" has none, and nobody here asks for it.
    '--advertise-address=192.0.2.1',
    '--endpoint-reconciler-type=none',
    // ClusterIPs are loopback addresses, so that a server can listen on the address of its own Service.
    '--service-cluster-ip-range=127.96.0.0/16',
    `--tls-cert-file=${pki.path('apiserver.crt')}`,
    `--tls-private-key-file=${pki.path('apiserver.key')}`,
    `--client-ca-file=${pki.path('client-ca.crt')}`,
    '--authorization-mode=RBAC',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${pki.path('service-account.pub')}`,
    `--service-account-signing-key-file=${pki.path('service-account.key')}`,
    ...aggregationFlags(pki),
  ]
}

/** With aggregator routing an EndpointSlice of type FQDN can lead to a server on loopback. */
function aggregationFlags(pki: ClusterPki): readonly string[] {
  return [
    '--enable-aggregator-routing=true',
    `--proxy-client-cert-file=${pki.path('front-proxy.crt')}`,
    `--proxy-client-key-file=${pki.path('front-proxy.key')}`,
    `--requestheader-client-ca-file=${pki.path('front-proxy-ca.crt')}`,
    '--requestheader-allowed-names=front-proxy-client',
    '--requestheader-username-headers=X-Remote-User',
    '--requestheader-uid-headers=X-Remote-Uid',
    '--requestheader-group-headers=X-Remote-Group',
    '--requestheader-extra-headers-prefix=X-Remote-Extra-',
  ]
}

export function controllerManagerFlags(
  pki: ClusterPki,
  { ports, kubeconfig }: { readonly ports: ClusterPorts; readonly kubeconfig: string },
): readonly string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    `--authentication-kubeconfig=${kubeconfig}`,
    `--authorization-kubeconfig=${kubeconfig}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${ports.controllerManager}`,
    '--leader-elect=false',
    '--use-service-account-credentials',
    `--service-account-private-key-file=${pki.path('service-account.key')}`,
    `--root-ca-file=${pki.path('serving-ca.crt')}`,
    `--requestheader-client-ca-file=${pki.path('front-proxy-ca.crt')}`,
  ]
}
