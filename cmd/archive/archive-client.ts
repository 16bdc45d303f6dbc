import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock as clock } from '../../base/clock.ts'
import { type ClusterClient, type ClusterClientOptions, createClusterClient } from '../../cluster/client.ts'
import { type ClusterConfig, inClusterConfig, serverUrl } from '../../cluster/cluster-config.ts'
import { readKubeconfig } from '../../cluster/kubeconfig.ts'
import type { ApiService } from '../../cluster/registration/api-service.ts'
import { pathOf } from '../../cluster/resource-client.ts'
import { StatusError } from '../../machinery/status.ts'
import { UsageError } from '../errors.ts'
import { type Options, podEnvironment } from '../options.ts'
import { archivePlace } from '../parts/store-archive.ts'
import { interruptionOf, type Terminal } from '../terminal.ts'

/**
 * To the server, through the kube-apiserver where it is behind one: as everybody else who uses the API. To one that is
 * not ready, which kube-apiserver does not lead to, on a way of its own.
 */
async function archiveClient(options: Options, signal: AbortSignal): Promise<ClusterClient> {
  const { requestTimeout: timeoutMs, clientMaxResponseBytes: responseBytesMax } = options
  const limits = { clock, timeoutMs, perSecond: 0, burst: 0, concurrencyMax: 1, responseBytesMax }
  const config = await configOf(options)
  const { server } = options
  return createClusterClient(server === '' ? config : await directConfig(config, { server, limits, signal }), limits)
}

/**
 * With the same credentials past kube-apiserver. Whom they are shown to is proved as for kube-apiserver itself: by the
 * authority and the name that the APIService says.
 */
async function directConfig(config: ClusterConfig, { server, limits, signal }: DirectOptions): Promise<ClusterConfig> {
  await using client = await createClusterClient(config, limits)
  const apiServices = { group: 'apiregistration.k8s.io', version: 'v1', plural: 'apiservices' }
  const name = `${archivePlace.version}.${archivePlace.group}`
  const { spec } = await client.call({ method: 'GET', path: pathOf(apiServices, { name }), signal }).then(
    (answer) => answer as Partial<ApiService>,
    (error: unknown) => {
      if (!(error instanceof StatusError)) throw error
      throw new UsageError(`--server: APIService ${name}, which says whom to trust, cannot be read (${error.reason})`)
    },
  )
  const { caBundle = '', service } = spec ?? {}
  if (caBundle === '' || service === undefined) throw new UsageError('--server: the APIService has no caBundle yet')
  return {
    ...config,
    server: directUrl(server),
    authorityPem: Buffer.from(caBundle, 'base64').toString(),
    serverName: `${service.name}.${service.namespace}.svc`,
  }
}

interface DirectOptions {
  /** A URL, as it was given. */
  readonly server: string
  readonly limits: ClusterClientOptions
  readonly signal: AbortSignal
}

function directUrl(text: string): URL {
  try {
    return serverUrl(text)
  } catch {
    throw new UsageError('--server: it is an address of the form https://HOST:PORT')
  }
}

export const archivePath = `/apis/${archivePlace.group}/${archivePlace.version}/snapshots/current`

type ArchiveWork = (client: ClusterClient, signal: AbortSignal) => Promise<string>

/** Says what came of it. What the server refuses is said in a sentence; exit code 1 then. */
export async function askArchive(options: Options, terminal: Terminal, work: ArchiveWork): Promise<number> {
  const signal = interruptionOf(terminal)
  try {
    await using client = await archiveClient(options, signal)
    terminal.print(`${await work(client, signal)}\n`)
    return 0
  } catch (error) {
    if (error !== signal.reason && !(error instanceof StatusError)) throw error
    terminal.tell(`${error instanceof StatusError ? explained(error) : 'asked to end before it was done'}\n`)
    return 1
  }
}

function explained({ code, details, message }: StatusError): string {
  if (code === 503)
    return 'the server is not ready, or there is none; --server reaches one that refuses its store (docs/operations.md)'
  if (code === 403)
    return 'it takes rights to snapshots.external-secrets.io and to the path /snapshot (docs/operations.md)'
  const others = (details?.causes ?? []).flatMap(({ field }) => field ?? [])
  if (others.length === 0) return message
  return (
    `nothing was restored: what is there and not in the snapshot, or is another of the same name: ` +
    `${others.join(', ')}\n--others=keep leaves it as it is, --others=remove deletes it`
  )
}

/** A standalone server writes an administrator's kubeconfig into its data directory. */
async function configOf({ kubeconfig, dataDir }: Options): Promise<ClusterConfig> {
  if (kubeconfig !== '') return readKubeconfig(kubeconfig)
  const own = join(dataDir, 'kubeconfig')
  return existsSync(own) ? readKubeconfig(own) : inClusterConfig(podEnvironment())
}
