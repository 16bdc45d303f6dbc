import { type ApiAnswer, ApiClient } from '../../support/api-client.ts'
import type { AggregatedServer } from '../../support/kube-cluster/aggregated-server.ts'
import type { KubeCluster } from '../../support/kube-cluster/kube-cluster.ts'
import type { Kubectl } from '../../support/kubectl.ts'

export const namespace = 'external-secrets'
export const serviceName = 'external-secrets-apiserver'
export const group = '/apis/external-secrets.io/v1'

export interface Scene {
  readonly cluster: KubeCluster
  readonly kubectl: Kubectl
  /** Of an administrator. */
  readonly api: ApiClient
  /** With the rights that the manifests give, and no others. */
  readonly server: AggregatedServer
}

/** Asks kube-apiserver as an account of the cluster does, with its token alone. */
export class Account implements AsyncDisposable {
  readonly #api: ApiClient
  readonly #token: string

  constructor({ cluster }: Pick<Scene, 'cluster'>, token: string) {
    this.#api = new ApiClient(cluster.url, { ca: cluster.pki.servingAuthority })
    this.#token = token
  }

  call(method: string, path: string, body?: object): Promise<ApiAnswer> {
    const headers = { authorization: `Bearer ${this.#token}` }
    const contentType = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
    return this.#api.call(method, path, { body, headers, contentType })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#api[Symbol.asyncDispose]()
  }
}
