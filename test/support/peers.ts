import { accessSync, constants } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { examplesVersion } from '../../hack/peers/eso-examples.mjs'

/**
 * Real programs that some tests need and `npm run peers` fetches or builds: kubectl, Helm, OpenBao, moto, a control
 * plane. Where one is missing the tests are skipped with the reason; with REQUIRE_PEERS=1 (.ci/run) a missing peer
 * fails them.
 */
export type Peer = { readonly path: string } | { readonly reason: string }

/** Where peers are kept between runs, outside the checkout. */
const peerCache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'external-secrets-apiserver')

/** Newest first. Those of the second row are there where `npm run peers -- --more-kubectls` was called. */
export const kubectlNames = [
  ...(['kubectl-v37', 'kubectl-v35', 'kubectl-v31', 'kubectl-v28', 'kubectl-v20'] as const),
  ...(['kubectl-v36', 'kubectl-v34', 'kubectl-v30', 'kubectl-v27', 'kubectl-v24'] as const),
]

type KubectlName = (typeof kubectlNames)[number]

export type PeerName =
  | KubectlName
  | 'helm-v4'
  | 'helm-v3'
  | 'openbao'
  | 'moto'
  | 'etcd'
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'external-secrets'
  | 'eso-examples'
  | 'strace'

const programs = {
  ...kubectlPrograms(),
  'helm-v4': join(peerCache, 'helm-v4/helm'),
  'helm-v3': join(peerCache, 'helm-v3/helm'),
  openbao: join(peerCache, 'openbao/bao'),
  moto: join(peerCache, 'moto/bin/moto_server'),
  etcd: join(peerCache, 'control-plane/etcd'),
  'kube-apiserver': join(peerCache, 'control-plane/kube-apiserver'),
  'kube-controller-manager': join(peerCache, 'control-plane/kube-controller-manager'),
  'external-secrets': join(peerCache, 'external-secrets/external-secrets'),
  'eso-examples': join(peerCache, `eso-examples-${examplesVersion}`),
  strace: '/usr/bin/strace',
} satisfies Readonly<Record<PeerName, string>>

function kubectlPrograms(): Readonly<Record<KubectlName, string>> {
  const entries = kubectlNames.map((name) => [name, join(peerCache, name, 'kubectl/kubectl')])
  return Object.fromEntries(entries) as Record<KubectlName, string>
}

export function findPeer(name: PeerName): Peer {
  const path = programs[name]
  try {
    accessSync(path, constants.X_OK)
    return { path }
  } catch {
    return { reason: `${name} is not here: npm run peers fetches it` }
  }
}

/**
 * The `skip` option of a test that needs the peer. Throws instead where peers are required, so that a missing one can
 * never look like success.
 */
export function skipWithout(...names: readonly PeerName[]): string | false {
  for (const name of names) {
    const peer = findPeer(name)
    if ('path' in peer) continue
    if (process.env['REQUIRE_PEERS'] === '1') throw new Error(peer.reason)
    return peer.reason
  }
  return false
}

/** The path of a peer that `skipWithout` has found. */
export function peerPath(name: PeerName): string {
  const peer = findPeer(name)
  if ('reason' in peer) throw new Error(peer.reason)
  return peer.path
}
