import type { TlsIdentity } from '../../base/http.ts'
import { isJsonObject } from '../../machinery/json/member.ts'
import { decodeYaml } from '../../machinery/yaml.ts'
import { ProviderError } from '../errors.ts'
import { serverUrl, type Connection } from './connection.ts'
import { staticToken } from '../token-source.ts'

type Fields = Readonly<Record<string, unknown>>

/**
 * A kubeconfig that came from a Secret is somebody else's text: what would run a program, read a file of this process,
 * go through a proxy or skip the certificate check is refused.
 */
export function connectionOfKubeconfig(text: string): Connection {
  const config = parsed(text)
  const context = entry(config, 'context', config['current-context'])
  const cluster = entry(config, 'cluster', context.cluster)
  const user = entry(config, 'user', context.user)
  refuse(cluster, ['insecure-skip-tls-verify', 'proxy-url', 'certificate-authority', 'tls-server-name'])
  refuse(user, ['exec', 'auth-provider', 'tokenFile', 'client-certificate', 'client-key', 'username', 'as'])
  const token = textOf(user.token)
  return {
    server: serverUrl(textOf(cluster.server) ?? ''),
    tls: identityOf(cluster, user),
    ...(token !== undefined && { token: staticToken(token) }),
  }
}

function parsed(text: string): Fields {
  try {
    const config: unknown = decodeYaml(text)
    if (isJsonObject(config)) return config
  } catch {
    // The parser's text quotes the kubeconfig.
  }
  throw new ProviderError('auth-failed', 'authRef: the value is not a kubeconfig')
}

function entry(config: Fields, member: 'context' | 'cluster' | 'user', name: unknown): Fields {
  const entries: unknown = config[`${member}s`]
  const found: unknown = Array.isArray(entries)
    ? entries.find((item: unknown) => isJsonObject(item) && item.name === name)
    : undefined
  const value = isJsonObject(found) ? found[member] : undefined
  if (isJsonObject(value)) return value
  throw new ProviderError(
    'auth-failed',
    `authRef: the kubeconfig has no ${member} of the name its current context asks for`,
  )
}

function refuse(fields: Fields, members: readonly string[]): void {
  const member = members.find((name) => fields[name] !== undefined && fields[name] !== false && fields[name] !== '')
  if (member !== undefined) throw new ProviderError('auth-failed', `authRef: ${member} is not taken from a kubeconfig`)
}

function identityOf(cluster: Fields, user: Fields): TlsIdentity {
  const ca = pemOf(cluster['certificate-authority-data'])
  const cert = pemOf(user['client-certificate-data'])
  const key = pemOf(user['client-key-data'])
  return { ...(ca !== undefined && { ca }), ...(cert !== undefined && { cert }), ...(key !== undefined && { key }) }
}

function pemOf(base64: unknown): string | undefined {
  return typeof base64 === 'string' && base64 !== '' ? Buffer.from(base64, 'base64').toString() : undefined
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
