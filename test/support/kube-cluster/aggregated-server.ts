import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { KeyPair } from '../../../apiserver/certificates/authority.ts'
import { ApiClient } from '../api-client.ts'
import { Kubectl, lineMatching } from '../kubectl.ts'
import { peerPath } from '../peers.ts'
import { until } from '../until.ts'
import type { KubeCluster } from './kube-cluster.ts'
import type { Manifest } from './manifests.ts'
import { programWords } from '../program.ts'

export const serverNamespace = 'external-secrets'
export const serverUser = 'external-secrets-server'

/** The program behind a kube-apiserver, in a process of its own, as a user that may do no more than `serverRoles`. */
export class AggregatedServer implements AsyncDisposable {
  readonly dataDir: string
  readonly #child: ChildProcess
  /** Standard error so far. */
  log = ''
  port = 0

  private constructor(child: ChildProcess, dataDir: string) {
    this.#child = child
    this.dataDir = dataDir
    child.stderr?.on('data', (bytes) => (this.log += String(bytes)))
  }

  /** Resolves when it serves. Its Service and its endpoint are there then; it registers itself. */
  static async start(
    cluster: KubeCluster,
    { flags = [], name = 'data', kubeconfig: given, isServed = true }: StartOptions = {},
  ): Promise<AggregatedServer> {
    const dataDir = join(cluster.folder, name)
    const kubeconfig = given ?? (await cluster.kubeconfigFor(serverUser))
    const address = ['--data-dir', dataDir, '--listen', '127.0.0.1:0']
    const words = [...programWords, 'serve', '--aggregated', '--kubeconfig', kubeconfig, ...address, ...flags]
    // Where the test is killed, the kernel ends the server: setpriv asks for it and then becomes it, with the same id.
    const program = ['--pdeathsig', 'KILL', process.execPath, ...words]
    const server = new AggregatedServer(spawn('setpriv', program, { stdio: ['ignore', 'pipe', 'pipe'] }), dataDir)
    try {
      const line = await lineMatching(server.#child, /^serving on /)
      server.port = Number(new URL(line.replace('serving on ', '')).port)
      if (isServed) await leadTo(cluster, server.port)
      return server
    } catch (error) {
      await server[Symbol.asyncDispose]()
      throw new Error(`the server did not start: ${server.log}`, { cause: error })
    }
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** A connection to the server itself, past kube-apiserver. */
  direct(pair?: KeyPair): ApiClient {
    const shown = pair && { cert: pair.certificatePem, key: pair.keyPem }
    return new ApiClient(`https://127.0.0.1:${this.port}`, { ca: this.authorityPem, ...shown })
  }

  get authorityPem(): string {
    return readFileSync(join(this.dataDir, 'pki/ca.crt'), 'utf8')
  }

  /** Resolves with its exit code when it has ended and all that it said is in `log`. */
  async kill(signal: NodeJS.Signals): Promise<number | null> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return this.#child.exitCode
    const exited = once(this.#child, 'close')
    this.#child.kill(signal)
    await exited
    return this.#child.exitCode
  }

  /** Stops it where it stands, as a machine that hangs does, or lets it go on. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child.kill(signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.signal('SIGCONT')
    await this.kill('SIGTERM')
  }
}

interface StartOptions {
  readonly flags?: readonly string[]
  /** Of its data directory. */
  readonly name?: string
  /** How it reaches the cluster, and as whom; absent: as `serverUser`. */
  readonly kubeconfig?: string
  /** Whether its Service leads to it. */
  readonly isServed?: boolean
}

/** The Service of the server leads to this port of the machine, when what is there is ready. */
export async function leadTo(cluster: KubeCluster, port: number, { isReady = true } = {}): Promise<void> {
  await cluster.apply(serviceOf(port, isReady))
}

/** Namespace and roles that the server needs, and no more; made before it starts. */
export async function prepareCluster(cluster: KubeCluster): Promise<void> {
  await cluster.apply([...serverRoles])
}

/** Of one more server in a cluster: with a store of its own, and so a namespace in which that one is known. */
export function namespaceFlags(name: string): readonly string[] {
  return ['--service-namespace', name, '--store-identity-namespace', name]
}

export function kubectlOf(cluster: KubeCluster): Kubectl {
  return new Kubectl(peerPath('kubectl-v35'), cluster.kubeconfig)
}

/** kube-apiserver reads the discovery of a server after it has found it available: until then kubectl knows no kind. */
export async function knows(kubectl: Kubectl, ...resources: readonly string[]): Promise<void> {
  for (const resource of resources) {
    await until(async () => (await kubectl.run(['get', resource, '-A'])).code === 0, { everyMs: 50 })
  }
}

function serviceOf(port: number, isReady: boolean): readonly Manifest[] {
  const metadata = { name: 'external-secrets-apiserver', namespace: serverNamespace }
  return [
    { apiVersion: 'v1', kind: 'Service', metadata, ...{ spec: { ports: [{ name: 'https', port: 443 }] } } },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { ...metadata, ...{ labels: { 'kubernetes.io/service-name': metadata.name } } },
      // With aggregator routing an endpoint of this type leads to loopback, where the server of a test is.
      ...{
        addressType: 'FQDN',
        endpoints: [{ addresses: ['127.0.0.1'], conditions: { ready: isReady } }],
        ports: [{ name: 'https', port, protocol: 'TCP' }],
      },
    },
  ]
}

const rbac = 'rbac.authorization.k8s.io/v1'
const roleName = 'external-secrets-server'
const storeRoleName = `${roleName}-store`
const subjects = [{ kind: 'User', name: serverUser, apiGroup: 'rbac.authorization.k8s.io' }]
const roleRef = (kind: string, name: string) => ({ apiGroup: 'rbac.authorization.k8s.io', kind, name })
const rule = (group: string, resources: readonly string[], verbs: readonly string[]) => ({
  apiGroups: [group],
  resources,
  verbs,
})

const apiServices = ['v1', 'v1beta1', 'v1alpha1', 'v1alpha1.generators'].map(
  (version) => `${version}.external-secrets.io`,
)

/** Neither list nor watch on secrets: a token that has either reads all of them. */
const rules = [
  rule('', ['namespaces'], ['get', 'list', 'watch']),
  rule('', ['secrets'], ['get', 'create', 'update', 'patch', 'delete']),
  rule('', ['configmaps'], ['get']),
  rule('', ['events'], ['create', 'patch']),
  rule('', ['services'], ['get']),
  rule('admissionregistration.k8s.io', ['*'], ['list', 'watch']),
  rule('authentication.k8s.io', ['tokenreviews'], ['create']),
  rule('authorization.k8s.io', ['subjectaccessreviews'], ['create']),
  rule('coordination.k8s.io', ['leases'], ['get', 'create', 'update']),
  {
    ...rule('apiregistration.k8s.io', ['apiservices'], ['get', 'list', 'watch', 'create', 'patch', 'delete']),
    resourceNames: apiServices,
  },
]

/** What the store is known by. */
const storeRules = [
  {
    ...rule('', ['configmaps'], ['get', 'create', 'update', 'patch']),
    resourceNames: ['external-secrets-apiserver-store'],
  },
]

const serverRoles: readonly (Manifest & Readonly<Record<string, unknown>>)[] = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: serverNamespace } },
  { apiVersion: rbac, kind: 'ClusterRole', metadata: { name: roleName }, rules },
  {
    apiVersion: rbac,
    kind: 'ClusterRoleBinding',
    metadata: { name: roleName },
    roleRef: roleRef('ClusterRole', roleName),
    subjects,
  },
  { apiVersion: rbac, kind: 'Role', metadata: { name: storeRoleName, namespace: 'kube-system' }, rules: storeRules },
  {
    apiVersion: rbac,
    kind: 'RoleBinding',
    metadata: { name: storeRoleName, namespace: 'kube-system' },
    roleRef: roleRef('Role', storeRoleName),
    subjects,
  },
  {
    apiVersion: rbac,
    kind: 'RoleBinding',
    metadata: { name: roleName, namespace: 'kube-system' },
    roleRef: roleRef('Role', 'extension-apiserver-authentication-reader'),
    subjects,
  },
]
