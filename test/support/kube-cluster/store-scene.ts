import { join } from 'node:path'
import type { Kubectl } from '../kubectl.ts'
import { program } from '../program.ts'
import { until } from '../until.ts'
import { kubectlOf, prepareCluster, serverUser } from './aggregated-server.ts'
import { KubeCluster } from './kube-cluster.ts'

/** A cluster with a garbage collector that would act on what a wrong store says, and whoever minds it. */
export class StoreScene implements AsyncDisposable {
  readonly cluster: KubeCluster
  readonly kubectl: Kubectl
  readonly #serverConfig: string

  private constructor(cluster: KubeCluster, serverConfig: string) {
    this.cluster = cluster
    this.kubectl = kubectlOf(cluster)
    this.#serverConfig = serverConfig
  }

  static async start(): Promise<StoreScene> {
    const cluster = await KubeCluster.start({ controllerManager: true, fsync: false })
    await prepareCluster(cluster)
    return new StoreScene(cluster, await cluster.kubeconfigFor(serverUser))
  }

  /** Where the server's store lies. */
  get store(): string {
    return this.kept('data/store')
  }

  kept(name: string): string {
    return join(this.cluster.folder, name)
  }

  /** With the rights of the server. */
  async doctor(): Promise<string> {
    return (await program('doctor', '--kubeconfig', this.#serverConfig, '--data-dir', this.kept('data'))).stdout
  }

  /** A subcommand with the rights of an administrator, and what it says. */
  async operator(...words: readonly string[]): Promise<string> {
    const { stdout, stderr } = await program(...words, '--kubeconfig', this.cluster.kubeconfig)
    return stdout + stderr
  }

  isRefused(words: RegExp): () => Promise<boolean> {
    return async () => {
      const { code, stderr } = await this.kubectl.run(['get', 'externalsecrets'])
      return code !== 0 && words.test(stderr)
    }
  }

  /** By the command that the doctor prints. */
  async accept(): Promise<void> {
    const [, command = ''] = /accept this store: kubectl (.*?)\. Whatever/.exec(await this.doctor()) ?? []
    await this.kubectl.ok(command.replaceAll("'", ''))
    await until(async () => (await this.kubectl.run(['get', 'externalsecrets'])).code === 0)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kubectl[Symbol.dispose]()
    await this.cluster[Symbol.asyncDispose]()
  }
}
