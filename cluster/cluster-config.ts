import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ClusterError } from './errors.ts'

/** Where the kube-apiserver is, whom to trust there and who to be. */
export interface ClusterConfig {
  readonly server: URL
  /** PEM bundle; absent: what the system trusts. */
  readonly authorityPem?: string
  /** Name in the server's certificate where it is not the host of the URL. */
  readonly serverName?: string
  readonly certificatePem?: string
  readonly keyPem?: string
  readonly token?: TokenSource
}

/** A token in a file is replaced there before it expires, and is read again. */
export type TokenSource =
  | { readonly kind: 'fixed'; readonly token: string }
  | { readonly kind: 'file'; readonly path: string }

/** What the kubelet gives every pod: the address in its environment, token and CA in files. */
export async function inClusterConfig({ host, port, folder }: PodEnvironment): Promise<ClusterConfig> {
  if (!host || !port) throw new ClusterError('cluster-config', 'not in a pod: KUBERNETES_SERVICE_HOST is not set')
  const server = serverUrl(`https://${host.includes(':') ? `[${host}]` : host}:${port}`)
  const authorityPem = await readConfigFile(join(folder, 'ca.crt'))
  return { server, authorityPem, token: { kind: 'file', path: join(folder, 'token') } }
}

export interface PodEnvironment {
  /** KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT. */
  readonly host: string | undefined
  readonly port: string | undefined
  /** Where the ServiceAccount's files are mounted. */
  readonly folder: string
}

/** Credentials go over TLS alone. */
export function serverUrl(text: string): URL {
  if (!URL.canParse(text)) throw new ClusterError('cluster-config', 'server is not a URL')
  const url = new URL(text)
  if (url.protocol !== 'https:') throw new ClusterError('cluster-config', 'server is not an https URL')
  return url
}

export async function readConfigFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch {
    throw new ClusterError('cluster-config', `${path} cannot be read`)
  }
}
