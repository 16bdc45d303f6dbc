import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { encodeYaml } from '../../../machinery/yaml.ts'
import { ApiClient } from '../api-client.ts'
import { freePort } from '../free-port.ts'
import { peerPath, type PeerName } from '../peers.ts'
import { ClusterPki } from './cluster-pki.ts'
import { ClusterProcess } from './cluster-process.ts'
import { apiserverFlags, type ClusterPorts, controllerManagerFlags, etcdFlags } from './component-flags.ts'
import { applyManifests, type Manifest } from './manifests.ts'

export interface KubeClusterOptions {
  /** Namespaces end, owners are followed, ServiceAccounts appear. Without it nothing happens by itself. */
  readonly controllerManager?: boolean
  /** Does etcd write through to the disk, as in every real cluster? `false` is faster and loses data in a crash. */
  readonly fsync?: boolean
  /** More flags for kube-apiserver. */
  readonly apiserverFlags?: readonly string[]
}

/** What a test needs `skipWithout` for before it starts a cluster. */
export const clusterPeers = ['etcd', 'kube-apiserver', 'kube-controller-manager'] as const satisfies readonly PeerName[]

/** How long a cluster may take to be ready: ten times what it takes on a quiet machine. */
const patienceMs = 60_000

const system = '/api/v1/namespaces/kube-system'
const defaultNamespace = '/api/v1/namespaces/default'

/**
 * A real control plane on loopback, with ports, certificates and data of its own: etcd, kube-apiserver and, on request,
 * kube-controller-manager. No kubelet and no scheduler: pods stay Pending, everything else is real.
 */
export class KubeCluster implements AsyncDisposable {
  readonly folder: string
  /** For an administrator, who may do everything. */
  readonly kubeconfig: string
  readonly #options: KubeClusterOptions
  readonly #processes: ClusterProcess[] = []
  readonly #flags = new Map<PeerName, readonly string[]>()
  #ports: ClusterPorts = { etcd: 0, etcdPeer: 0, apiserver: 0, controllerManager: 0 }
  #pki: ClusterPki | undefined
  #api: ApiClient | undefined

  private constructor(folder: string, options: KubeClusterOptions) {
    this.folder = folder
    this.kubeconfig = join(folder, 'kubeconfig')
    this.#options = options
  }

  /** Resolves when the cluster answers; leaves nothing behind when it does not come up. */
  static async start(options: KubeClusterOptions = {}): Promise<KubeCluster> {
    const cluster = new KubeCluster(mkdtempSync(join(tmpdir(), 'kube-cluster-')), options)
    try {
      await cluster.#prepare()
      await cluster.#run()
      return cluster
    } catch (error) {
      await cluster[Symbol.asyncDispose]()
      throw error
    }
  }

  get url(): string {
    return `https://127.0.0.1:${this.#ports.apiserver}`
  }

  get etcdUrl(): string {
    return `http://127.0.0.1:${this.#ports.etcd}`
  }

  /** Of each program, by its name. */
  get pids(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#processes.map(({ name, pid }) => [name, pid]))
  }

  client(): ApiClient {
    return ApiClient.fromKubeconfig(this.kubeconfig)
  }

  /** A kubeconfig for somebody who may do what roles give them, with a certificate that nobody else has. */
  async kubeconfigFor(user: string, { server = this.url, file = user }: KubeconfigOptions = {}): Promise<string> {
    const path = join(this.folder, `${file}.kubeconfig`)
    await this.#writeKubeconfig({ path, user, groups: [], server })
    return path
  }

  /** Its certificates and keys. */
  get pki(): ClusterPki {
    assert(this.#pki)
    return this.#pki
  }

  /** Server-side apply of each, in order. */
  apply(manifests: readonly Manifest[]): Promise<void> {
    return applyManifests(this.#client, manifests)
  }

  /** Asks until it answers 200 at each path, with a body that contains `text`. Rejects when a program ends. */
  async served(paths: readonly string[], text = ''): Promise<void> {
    const deadline = performance.now() + patienceMs
    for (const path of paths) {
      for (;;) {
        const answer = await this.#client.get(path).catch(() => undefined)
        if (answer?.status === 200 && answer.text.includes(text)) break
        for (const process of this.#processes) process.expectRunning()
        if (performance.now() > deadline) throw new Error(`the cluster does not serve ${path}`)
        await delay(50)
      }
    }
  }

  /** Stops one program where it stands, as a machine that hangs does, or lets it go on. */
  signal(name: PeerName, signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#processOf(name).signal(signal)
  }

  /** Ends one program as a crash does; `relaunch` starts it again, with the same data, at the same address. */
  async crash(name: PeerName): Promise<void> {
    const process = this.#processOf(name)
    process.signal('SIGKILL')
    await process.exited
  }

  relaunch(name: PeerName): void {
    const before = this.#processOf(name)
    this.#processes[this.#processes.indexOf(before)] = this.#started(name, this.#flags.get(name) ?? [])
  }

  /** Ends the programs in the ordinary way, the last one first. */
  async stop(): Promise<void> {
    for (const process of this.#processes.splice(0).reverse()) await process[Symbol.asyncDispose]()
  }

  /** Starts them again, with the same data, at the same addresses; resolves when these paths answer. */
  async resume(paths: readonly string[] = []): Promise<void> {
    await this.#run()
    await this.served(paths)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#api?.[Symbol.asyncDispose]()
    await this.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }

  async #prepare(): Promise<void> {
    this.#ports = {
      etcd: await freePort(),
      etcdPeer: await freePort(),
      apiserver: await freePort(),
      controllerManager: await freePort(),
    }
    const groups = ['system:masters']
    this.#pki = await ClusterPki.make(join(this.folder, 'pki'))
    await this.#writeKubeconfig({ path: this.kubeconfig, user: 'admin', groups })
    const controllers = { path: this.#controllerKubeconfig, user: 'system:kube-controller-manager', groups: [] }
    await this.#writeKubeconfig(controllers)
    mkdirSync(this.#dataDir, { mode: 0o700 })
    this.#api = this.client()
  }

  async #run(): Promise<void> {
    const { controllerManager, fsync, apiserverFlags: more = [] } = this.#options
    const unsafe = fsync === false ? ['--unsafe-no-fsync'] : []
    this.#launch('etcd', [...etcdFlags(this.#dataDir, this.#ports), ...unsafe])
    this.#launch('kube-apiserver', [...apiserverFlags(this.pki, this.#ports), ...more])
    // The last two are made by kube-apiserver itself, some time after it says that it is ready.
    await this.served(['/readyz', `${system}/configmaps/extension-apiserver-authentication`, defaultNamespace])
    if (!controllerManager) return
    const places = { ports: this.#ports, kubeconfig: this.#controllerKubeconfig }
    this.#launch('kube-controller-manager', controllerManagerFlags(this.pki, places))
    // Its controllers run when one of them has made what only it makes.
    await this.served([`${defaultNamespace}/serviceaccounts/default`])
  }

  #launch(name: PeerName, flags: readonly string[]): void {
    this.#flags.set(name, flags)
    this.#processes.push(this.#started(name, flags))
  }

  #started(name: PeerName, flags: readonly string[]): ClusterProcess {
    const logFile = join(this.folder, `${name}.log`)
    return ClusterProcess.start(peerPath(name), { name, logFile, flags })
  }

  #processOf(name: PeerName): ClusterProcess {
    const process = this.#processes.find((each) => each.name === name)
    assert(process)
    return process
  }

  async #writeKubeconfig({ path, user, groups, server = this.url }: Identity): Promise<void> {
    const { certificatePem, keyPem } = await this.pki.client(user, groups)
    const base64 = (pem: string): string => Buffer.from(pem).toString('base64')
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'test',
      contexts: [{ name: 'test', context: { cluster: 'test', user } }],
      clusters: [
        {
          name: 'test',
          cluster: { server, 'certificate-authority-data': base64(this.pki.servingAuthority) },
        },
      ],
      users: [
        {
          name: user,
          user: { 'client-certificate-data': base64(certificatePem), 'client-key-data': base64(keyPem) },
        },
      ],
    }
    writeFileSync(path, encodeYaml(config), { mode: 0o600 })
  }

  get #dataDir(): string {
    return join(this.folder, 'etcd')
  }

  get #controllerKubeconfig(): string {
    return join(this.folder, 'controller-manager.kubeconfig')
  }

  get #client(): ApiClient {
    assert(this.#api)
    return this.#api
  }
}

interface Identity {
  readonly path: string
  readonly user: string
  readonly groups: readonly string[]
  readonly server?: string
}

interface KubeconfigOptions {
  /** Where kube-apiserver is reached; not at its own address when something stands between. */
  readonly server?: string
  /** Its name, without ending; that of the user when absent. */
  readonly file?: string
}
