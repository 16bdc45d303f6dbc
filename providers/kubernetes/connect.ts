import type { TlsIdentity } from '../../base/http.ts'
import { ProviderError } from '../errors.ts'
import type { ConnectContext } from '../provider.ts'
import { renewableToken, staticToken } from '../token-source.ts'
import { trustOf } from '../trust.ts'
import { serverUrl, type Connection } from './connection.ts'
import { connectionOfKubeconfig } from './kubeconfig.ts'
import type { KubernetesSpec } from './spec.ts'

export async function connectionOf(spec: KubernetesSpec, context: ConnectContext): Promise<Connection> {
  const { references } = context
  if (spec.authRef !== undefined) {
    if (spec.auth !== undefined) throw new ProviderError('invalid-ref', 'auth and authRef must not be used together')
    return connectionOfKubeconfig(await references.secretKey(spec.authRef))
  }
  const ca = await trustOf(spec.server ?? {}, references)
  const trust: TlsIdentity = ca === undefined ? {} : { ca }
  const server = serverUrl(spec.server?.url ?? 'kubernetes.default')
  return { server, ...(await identityOf(spec, context, trust)) }
}

async function identityOf(
  { auth }: KubernetesSpec,
  context: ConnectContext,
  trust: TlsIdentity,
): Promise<Omit<Connection, 'server'>> {
  const { references } = context
  if (auth?.token !== undefined) {
    const token = await told('could not fetch Auth.Token.BearerToken', references.secretKey(auth.token.bearerToken))
    return { tls: trust, token: staticToken(token) }
  }
  if (auth?.cert !== undefined) {
    const cert = await told('could not fetch client key and cert', references.secretKey(auth.cert.clientCert))
    const key = await told('could not fetch client key and cert', references.secretKey(auth.cert.clientKey))
    return { tls: { ...trust, cert, key } }
  }
  const account = auth?.serviceAccount
  if (account === undefined) throw new ProviderError('invalid-ref', 'no auth provider given')
  const ask = async () => {
    const wish = { audiences: [], expirationSeconds: 3600 }
    const token = await told('could not fetch Auth.ServiceAccount', references.serviceAccountToken(account, wish))
    return { token, lifeMs: 45 * 60_000 }
  }
  return { tls: trust, token: await renewableToken(ask, context.clock) }
}

async function told<T>(what: string, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (!(error instanceof ProviderError) || error.code === 'needs-consumer') throw error
    throw new ProviderError(error.code, `${what}: ${error.message}`)
  }
}
