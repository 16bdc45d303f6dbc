// etcd, kube-apiserver and kube-controller-manager, compiled from the Go modules that control-plane/go.mod pins.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const module = join(dirname(fileURLToPath(import.meta.url)), 'control-plane')

const packages = {
  etcd: 'go.etcd.io/etcd/server/v3',
  'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
  'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
}

/** Puts `control-plane/<program>` into the cache; says why where it cannot. What is there with these pins stays. */
export function buildControlPlane(cache) {
  const folder = join(cache, 'control-plane')
  const marker = join(folder, 'complete')
  const pins = readFileSync(join(module, 'go.mod'), 'utf8')
  if (existsSync(marker) && readFileSync(marker, 'utf8') === pins) return
  if (!hasGo()) {
    process.stderr.write(`${Object.keys(packages).join(', ')} need Go; nothing was built\n`)
    return
  }
  process.stderr.write('==> building etcd, kube-apiserver and kube-controller-manager: ten minutes the first time\n')
  rmSync(marker, { force: true })
  mkdirSync(folder, { recursive: true })
  try {
    for (const [name, path] of Object.entries(packages)) compile(join(folder, name), path, stamps(pins))
    writeFileSync(marker, pins)
  } catch {
    process.stderr.write('the control plane could not be built; what it needs beside Go is the module proxy\n')
  }
}

function hasGo() {
  try {
    execFileSync('go', ['version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
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

/** Several checkouts may build at once: each into a file of its own, moved into place whole. */
function compile(path, name, linkerFlags) {
  const partial = `${path}.${process.pid}`
  const flags = ['-trimpath', '-mod=readonly', '-buildvcs=false', '-ldflags', ['-s', '-w', ...linkerFlags].join(' ')]
  execFileSync('nice', ['go', 'build', ...flags, '-o', partial, name], {
    cwd: module,
    env: { ...process.env, CGO_ENABLED: '0' },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  renameSync(partial, path)
}
