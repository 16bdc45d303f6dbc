import { dirname, resolve } from 'node:path'
import type { JsonObject, JsonValue } from '../machinery/object.ts'
import { decodeYaml, YamlDecodeError } from '../machinery/yaml.ts'
import { type ClusterConfig, readConfigFile, serverUrl, type TokenSource } from './cluster-config.ts'
import { ClusterError } from './errors.ts'

/**
 * The current context of a kubeconfig. What would run a program, ask elsewhere or trust blindly is refused by name
 * instead of passed over: a server that quietly became somebody else would act with other rights.
 */
export async function readKubeconfig(path: string): Promise<ClusterConfig> {
  const config = parsed(await readConfigFile(path), path)
  const context = memberOf(named(config, 'contexts', textOf(config, 'current-context')), 'context')
  const cluster = memberOf(named(config, 'clusters', textOf(context, 'cluster')), 'cluster')
  const userName = textOf(context, 'user')
  const user = userName === undefined ? {} : memberOf(named(config, 'users', userName), 'user')
  refuse(cluster, ['insecure-skip-tls-verify', 'proxy-url'])
  refuse(user, ['exec', 'auth-provider', 'username', 'password', 'as', 'as-uid', 'as-groups', 'as-user-extra'])
  const folder = dirname(path)
  return {
    server: serverUrl(textOf(cluster, 'server') ?? ''),
    ...present('authorityPem', await pemOf(cluster, 'certificate-authority', folder)),
    ...present('serverName', textOf(cluster, 'tls-server-name')),
    ...present('certificatePem', await pemOf(user, 'client-certificate', folder)),
    ...present('keyPem', await pemOf(user, 'client-key', folder)),
    ...present('token', tokenOf(user, folder)),
  }
}

function parsed(text: string, path: string): JsonObject {
  try {
    const value = decodeYaml(text)
    if (isObject(value)) return value
  } catch (error) {
    if (!(error instanceof YamlDecodeError)) throw error
  }
  throw new ClusterError('cluster-config', `${path} is not a kubeconfig`)
}

/** The entry of that name in `clusters`, `contexts` or `users`. */
function named(config: JsonObject, list: string, name: string | undefined): JsonObject {
  const entries = config[list]
  const all: readonly JsonValue[] = Array.isArray(entries) ? entries : []
  const found = all.find((entry) => isObject(entry) && entry['name'] === name)
  if (!isObject(found)) throw new ClusterError('cluster-config', `the kubeconfig has no ${list} entry for its context`)
  return found
}

function memberOf(entry: JsonObject, name: string): JsonObject {
  const member = entry[name]
  return isObject(member) ? member : {}
}

function refuse(entry: JsonObject, names: readonly string[]): void {
  const found = names.find((name) => entry[name] !== undefined && entry[name] !== null && entry[name] !== false)
  if (found !== undefined) throw new ClusterError('cluster-config', `the kubeconfig's ${found} is not supported`)
}

/** The data in the file wins over the path, as in client-go. */
async function pemOf(entry: JsonObject, name: string, folder: string): Promise<string | undefined> {
  const data = textOf(entry, `${name}-data`)
  if (data !== undefined) return Buffer.from(data, 'base64').toString()
  const path = textOf(entry, name)
  return path === undefined ? undefined : readConfigFile(resolve(folder, path))
}

/** client-go prefers the file, for it is the one that is renewed. */
function tokenOf(user: JsonObject, folder: string): TokenSource | undefined {
  const path = textOf(user, 'tokenFile')
  if (path !== undefined) return { kind: 'file', path: resolve(folder, path) }
  const token = textOf(user, 'token')
  return token === undefined ? undefined : { kind: 'fixed', token }
}

function textOf(entry: JsonObject, name: string): string | undefined {
  const value = entry[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

function present<const Name extends string, T>(name: Name, value: T | undefined): { readonly [K in Name]?: T } {
  return (value === undefined ? {} : { [name]: value }) as { readonly [K in Name]?: T }
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
