import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { KeyPair } from '../../../apiserver/certificates/authority.ts'
import { AdmissionHook } from '../../support/admission-hook.ts'
import type { ApiClient, Json } from '../../support/api-client.ts'
import {
  AggregatedServer,
  knows,
  kubectlOf,
  prepareCluster,
  serverUser,
} from '../../support/kube-cluster/aggregated-server.ts'
import { KubeCluster } from '../../support/kube-cluster/kube-cluster.ts'
import type { Kubectl } from '../../support/kubectl.ts'
import { Relay } from '../../support/relay.ts'
import { moreRights } from './more-rights.ts'

export const apiServices = ['v1.example.com', 'v1beta1.example.com', 'v1.external-secrets.io'] as const

/** What kube-apiserver writes down of itself: every question of ours whether somebody may do something. */
const auditPolicy = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [
    {
      level: 'Request',
      users: [serverUser],
      resources: [{ group: 'authorization.k8s.io', resources: ['subjectaccessreviews'] }],
    },
    { level: 'None' },
  ],
}

/** A whole control plane with our server behind it, with the test kinds: for what only a real cluster can show. */
export class World implements AsyncDisposable {
  readonly cluster: KubeCluster
  /** An administrator, through kube-apiserver. */
  readonly admin: ApiClient
  readonly kubectl: Kubectl
  readonly hook: AdmissionHook
  /** The way of our server to kube-apiserver. */
  readonly uplink: Relay
  readonly #logs: string
  readonly #clients: ApiClient[] = []
  #server: AggregatedServer | undefined

  private constructor(parts: Pick<World, 'cluster' | 'hook' | 'uplink'>, logs: string) {
    this.cluster = parts.cluster
    this.hook = parts.hook
    this.uplink = parts.uplink
    this.admin = this.cluster.client()
    this.kubectl = kubectlOf(this.cluster)
    this.#logs = logs
  }

  /** Resolves when the cluster serves our kinds. */
  static async open(): Promise<World> {
    const logs = mkdtempSync(join(tmpdir(), 'statements-'))
    const policy = join(logs, 'policy.json')
    writeFileSync(policy, JSON.stringify(auditPolicy))
    const audit = [`--audit-policy-file=${policy}`, `--audit-log-path=${join(logs, 'kube-apiserver.log')}`]
    const cluster = await KubeCluster.start({ controllerManager: true, fsync: false, apiserverFlags: audit })
    const uplink = await Relay.open(Number(new URL(cluster.url).port))
    const world = new World({ cluster, uplink, hook: await AdmissionHook.open() }, logs)
    try {
      await prepareCluster(cluster)
      await cluster.apply([...moreRights])
      await world.#start()
      for (const name of apiServices) {
        await world.kubectl.ok(`wait --for=create apiservice/${name} --timeout=30s`)
        await world.kubectl.ok(`wait --for=condition=Available apiservice/${name} --timeout=30s`)
      }
      await cluster.served(['/apis/example.com/v1/widgets', '/apis/external-secrets.io/v1/secretstores'])
      await knows(world.kubectl, 'widgets', 'secretstores')
      return world
    } catch (error) {
      await world[Symbol.asyncDispose]()
      throw error
    }
  }

  get server(): AggregatedServer {
    if (this.#server === undefined) throw new Error('the server is not running')
    return this.#server
  }

  /**
   * Ends our server in the ordinary way and starts it again when all is done that has to be done without it. Resolves
   * when kube-apiserver has found it again.
   */
  async restart(meanwhile: () => Promise<void> | void = () => undefined): Promise<void> {
    await this.server[Symbol.asyncDispose]()
    this.#server = undefined
    try {
      await meanwhile()
    } finally {
      await this.#start()
    }
    await this.cluster.served(['/apis/example.com/v1', '/apis/external-secrets.io/v1'])
  }

  /** A connection to our server itself, past kube-apiserver; it ends with the world. */
  direct(pair?: KeyPair): ApiClient {
    const client = this.server.direct(pair)
    this.#clients.push(client)
    return client
  }

  /** The same with the certificate that kube-apiserver itself shows. */
  frontProxy(): ApiClient {
    const read = (name: string): string => readFileSync(this.cluster.pki.path(name), 'utf8')
    return this.direct({ certificatePem: read('front-proxy.crt'), keyPem: read('front-proxy.key') })
  }

  /** Gives a user, or a group, what these rules allow everywhere. */
  async bind({ name, user, group, rules }: Binding): Promise<void> {
    const apiGroup = 'rbac.authorization.k8s.io'
    const metadata = { name: `statements-${name}` }
    const subjects = [
      { apiGroup, ...(user === undefined ? { kind: 'Group', name: group } : { kind: 'User', name: user }) },
    ]
    const roleRef = { apiGroup, kind: 'ClusterRole', name: metadata.name }
    const role = { apiVersion: `${apiGroup}/v1`, kind: 'ClusterRole', metadata, ...{ rules } }
    const binding = { apiVersion: `${apiGroup}/v1`, kind: 'ClusterRoleBinding', metadata, ...{ roleRef, subjects } }
    await this.cluster.apply([role, binding])
  }

  /** What our server has asked kube-apiserver about this user, in order. */
  reviewsOf(user: string): readonly Json[] {
    const events = linesOf(join(this.#logs, 'kube-apiserver.log'))
    const specs = events.map((event) => event['requestObject']?.['spec'] ?? {})
    return specs.filter((spec) => (spec['user'] as unknown) === user)
  }

  /** The audit events of our server. */
  auditEvents(): readonly Json[] {
    return linesOf(join(this.#logs, 'server.log'))
  }

  /** What kube-controller-manager has written so far. */
  controllerLog(): string {
    return readFileSync(join(this.cluster.folder, 'kube-controller-manager.log'), 'utf8')
  }

  async #start(): Promise<void> {
    const kubeconfig = join(this.#logs, 'kubeconfig')
    const direct = readFileSync(await this.cluster.kubeconfigFor(serverUser), 'utf8')
    writeFileSync(kubeconfig, direct.replace(this.cluster.url, `https://127.0.0.1:${this.uplink.port}`))
    const audit = ['--audit-log-path', join(this.#logs, 'server.log')]
    const flags = ['--enable-test-kinds', '--provider-allow-networks', '127.0.0.0/8', ...audit]
    this.#server = await AggregatedServer.start(this.cluster, { flags, kubeconfig })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) await client[Symbol.asyncDispose]()
    await this.admin[Symbol.asyncDispose]()
    this.kubectl[Symbol.dispose]()
    await this.#server?.[Symbol.asyncDispose]()
    await this.hook[Symbol.asyncDispose]()
    await this.uplink[Symbol.asyncDispose]()
    await this.cluster[Symbol.asyncDispose]()
    rmSync(this.#logs, { recursive: true, force: true })
  }
}

interface Binding {
  readonly name: string
  readonly user?: string
  readonly group?: string
  readonly rules: readonly object[]
}

/** Whole lines alone: the last one may still be on its way. */
function linesOf(path: string): readonly Json[] {
  if (!existsSync(path)) return []
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1)
  return lines.map((line) => JSON.parse(line) as Json)
}
