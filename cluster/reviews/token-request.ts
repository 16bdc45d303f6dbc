import type { JsonObject } from '../../machinery/object.ts'
import type { ClusterClient } from '../client.ts'
import { ClusterError } from '../errors.ts'

interface TokenWish {
  readonly namespace: string
  readonly name: string
  /** Those of the kube-apiserver when there are none. */
  readonly audiences: readonly string[]
  readonly expirationSeconds: number
}

/** Asks the cluster for a token of a ServiceAccount: `create` on `serviceaccounts/token`. */
export function tokenRequest(client: Pick<ClusterClient, 'call'>): (wish: TokenWish) => Promise<string> {
  return async ({ namespace, name, ...spec }) => {
    const answer = await client.call({
      method: 'POST',
      path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/serviceaccounts/${encodeURIComponent(name)}/token`,
      body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec },
    })
    const token = tokenIn(answer)
    if (token !== undefined) return token
    throw new ClusterError('cluster-answer', 'serviceaccounts/token: there is no token in the answer')
  }
}

function tokenIn({ status }: JsonObject): string | undefined {
  if (typeof status !== 'object' || status === null || !('token' in status)) return undefined
  return typeof status['token'] === 'string' && status['token'] !== '' ? status['token'] : undefined
}
