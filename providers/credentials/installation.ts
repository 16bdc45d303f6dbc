import type { ObjectName } from '../../machinery/client.ts'
import type { KubeObject } from '../../machinery/object.ts'
import { ProviderError } from '../errors.ts'
import { reasonOf } from './failure-words.ts'

/**
 * This server as the cluster knows it. Whoever writes a store chooses the server that is shown its credentials: what
 * the cluster would take for this server, or for a neighbour in its namespace, is shown to none.
 */
export interface Installation {
  readonly namespace: string
  /** The Secrets of that namespace that hold private keys of this server. */
  readonly keySecrets: ReadonlySet<string>
  /** Whether the cluster itself accepts a token that it made for these audiences. Rejects when it cannot be told. */
  accepts(token: string, audiences: readonly string[]): Promise<boolean>
}

type Place = Required<ObjectName>

export interface AccountToken {
  readonly of: Place
  readonly token: string
  readonly audiences: readonly string[]
}

/** The token, for a provider. Rejects with ProviderError: `denied` where it is this server's or a neighbour's. */
export async function releasedToken(
  installation: Installation | undefined,
  { of, token, audiences }: AccountToken,
): Promise<string> {
  if (installation === undefined || of.namespace !== installation.namespace) return token
  const account = `the ServiceAccount "${of.namespace}/${of.name}"`
  const isAccepted = await installation.accepts(token, audiences).catch((error: unknown) => {
    const text = `cannot tell whether the cluster itself accepts a token of ${account}: ${reasonOf(error)}`
    throw new ProviderError('unavailable', text)
  })
  if (isAccepted) throw new ProviderError('denied', `no provider is shown a token of ${account}: ${why}; ${remedy}`)
  return token
}

/** The Secret, for a provider. Throws ProviderError `denied`, as `releasedToken` does. */
export function releasedSecret(installation: Installation | undefined, at: Place, secret: KubeObject): KubeObject {
  if (installation === undefined || at.namespace !== installation.namespace) return secret
  const refused = `no provider is shown the Secret "${at.namespace}/${at.name}"`
  if (installation.keySecrets.has(at.name)) {
    throw new ProviderError('denied', `${refused}: it is for private keys of this server`)
  }
  if (secret['type'] !== 'kubernetes.io/service-account-token') return secret
  throw new ProviderError('denied', `${refused}, a token of a ServiceAccount: ${why}; ${remedy}`)
}

const why = "it is of this server's own namespace, and the cluster itself accepts that token"
const remedy = 'name audiences that kube-apiserver does not accept, or an account of another namespace'
