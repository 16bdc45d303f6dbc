// etcd, kube-apiserver and kube-controller-manager, compiled from the Go modules that control-plane/go.mod pins.
import { buildGoTools } from './go-tools.mjs'

const packages = {
  etcd: 'go.etcd.io/etcd/server/v3',
  'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
  'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
}

export function buildControlPlane(cache) {
  buildGoTools(cache, { name: 'control-plane', packages, linkerFlags: stamps })
}

/** What the programs say they are: the version is not in the source, releases put it in when they link. */
function stamps(pins) {
  const [, version, major, minor] = /k8s\.io\/kubernetes v((\d+)\.(\d+)\.\d+)/.exec(pins) ?? []
  if (version === undefined) throw new Error('go.mod does not pin k8s.io/kubernetes')
  const values = { gitVersion: `v${version}`, gitMajor: major, gitMinor: minor, gitTreeState: 'clean' }
  return ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'].flatMap((owner) =>
    Object.entries(values).map(([name, value]) => `-X ${owner}.${name}=${value}`),
  )
}
